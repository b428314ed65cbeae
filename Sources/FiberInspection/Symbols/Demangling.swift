internal import CDemangle
internal import Glibc

/// `name` as people write it, or `name` itself where no known language mangled it. Time and size are bounded.
func demangled(_ name: String) -> String {
  guard let text = unsafe ft_demangle(name) else { return name }
  defer { unsafe free(text) }
  return unsafe String(cString: text)
}
