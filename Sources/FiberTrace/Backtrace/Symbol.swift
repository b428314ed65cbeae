/// The function that an address lies in.
public struct Symbol: Sendable, Hashable, CustomStringConvertible {
  /// The name that the linker knows it by, nil if the module has no symbol for it (it is stripped, say).
  public let linkageName: String?
  /// The name as the source has it, where that is Swift; else ``linkageName``.
  public let name: String?
  /// The same without modules and argument types, as Swift's own crash backtraces print it.
  public let shortName: String?
  /// Bytes from the start of the function, or of the module where ``name`` is nil.
  public let offset: UInt
  /// The path of the module, nil if the linker does not know it.
  public let modulePath: String?

  /// `shortName + offset in module`, as far as known; the offset in hexadecimal.
  public var description: String {
    let module = modulePath?.split(separator: "/").last.map(String.init)
    let distance = "0x\(String(offset, radix: 16))"
    switch (shortName, module) {
    case (let name?, let module?): return "\(name) + \(distance) in \(module)"
    case (let name?, nil): return "\(name) + \(distance)"
    case (nil, let module?): return "\(module) + \(distance)"
    case (nil, nil): return "unknown"
    }
  }
}
