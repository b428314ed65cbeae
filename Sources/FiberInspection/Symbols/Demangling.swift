internal import CDemangle
internal import Glibc

/// `name` as people write it, or `name` itself where no known language mangled it. Time and size are bounded.
func demangled(_ name: String) -> String {
  guard let text = unsafe ft_demangle(name) else { return name }
  defer { unsafe free(text) }
  return withoutDemanglerWords(unsafe String(cString: text)[...])
}

/// Lets go of what demangling keeps running. To be called when many names are done; more may follow.
func endDemangling() { ft_demangle_end() }

/// A demangled name without what Swift's demangler says of no use here.
private func withoutDemanglerWords(_ text: Substring) -> String {
  var text = text
  // There is no Objective-C on Linux: such a thunk is the entry by the C convention.
  if text.hasPrefix("@objc ") { text = text.dropFirst("@objc ".count) }
  // The module is left out of names; of a closure at the top level "closure #1 in " is then left.
  if text.hasSuffix(" in ") { text = text.dropLast(" in ".count) }
  return String(text)
}
