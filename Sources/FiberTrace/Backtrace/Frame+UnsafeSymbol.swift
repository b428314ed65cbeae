internal import CUnwindShim
internal import Glibc

extension Backtrace.Frame {
  /// The function of this frame, nil if the address lies in no module.
  ///
  /// Inlined functions are not known here.
  ///
  /// - Complexity: Reads the symbol table of the module's file, about 0.1 ms.
  public func symbol() -> Symbol? {
    let lookup = address.lookup
    var base: UInt64 = 0
    let modulePath = unsafe ft_unwind_module(UInt64(lookup), &base).map { unsafe String(cString: $0) }
    var offset: UInt64 = 0
    let found = unsafe ft_unwind_name(UInt64(lookup), &offset)
    defer { unsafe free(found) }

    guard let found = unsafe found else {
      return modulePath.map {
        Symbol(linkageName: nil, name: nil, shortName: nil, offset: address.value - UInt(base), modulePath: $0)
      }
    }
    // Counted to the address itself, not to the byte that is looked up.
    let correction = address.value - lookup
    let demangled = unsafe swift_demangle(found, strlen(found), nil, nil, 0)
    defer { unsafe free(demangled) }
    var size = 0
    let short = unsafe _swift_backtrace_demangle(found, strlen(found), nil, &size)
    defer { unsafe free(short) }
    // Linux has no Objective-C: the word stands for the C convention of a function that C calls.
    let shortName = unsafe String(cString: short ?? found).trimmingPrefix("@objc ")
    return unsafe Symbol(
      linkageName: String(cString: found), name: String(cString: demangled ?? found), shortName: String(shortName),
      offset: UInt(offset) + correction, modulePath: modulePath)
  }
}
