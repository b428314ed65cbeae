/// The function that an address lies in.
public struct Symbol: Sendable, Hashable, CustomStringConvertible {
  /// The name that the linker knows it by, nil if the module has no symbol for it (it is stripped, say).
  public let linkageName: String?
  /// The name as the source has it, where that is Swift; else ``linkageName``.
  public let name: String?
  /// Bytes from the start of the function, or of the module where ``name`` is nil.
  public let offset: UInt
  /// The path of the module, nil if the linker does not know it.
  public let modulePath: String?

  /// `name + offset in module`, as far as known.
  public var description: String {
    let module = modulePath?.split(separator: "/").last.map(String.init)
    switch (name, module) {
    case (let name?, let module?): return "\(name) + \(offset) in \(module)"
    case (let name?, nil): return "\(name) + \(offset)"
    case (nil, let module?): return "\(module) + 0x\(String(offset, radix: 16))"
    case (nil, nil): return "unknown"
    }
  }
}
