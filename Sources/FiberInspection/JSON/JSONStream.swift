internal import FoundationEssentials

/// Writes one JSON document piece by piece, so that it may be of any size.
///
/// Values are encoded by `JSONEncoder`; what occurs often is a `JSONFragment`, encoded once. The caller opens and closes
/// arrays and objects; the stream puts the commas.
public struct JSONStream<Output: ByteOutput> {
  private static var pieceSize: Int { 1 << 16 }

  /// What stands before the next value or key.
  private enum Position {
    /// A bracket, or nothing.
    case start
    case key
    case value
  }

  private var output: Output
  private var pending: [UInt8] = []
  private let encoder = JSONEncoder()
  private var position = Position.start
  /// For each open array and object: each of its elements begins a line.
  private var linesOfOpen: [Bool] = []

  /// A stream into `output`, which it owns until `finish`.
  public init(_ output: Output) {
    self.output = output
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    pending.reserveCapacity(2 * Self.pieceSize)
  }

  /// Opens an object: as the document, as an element, or as the value of the key before.
  ///
  /// - Parameter lines: each member begins a line.
  public mutating func beginObject(lines: Bool = false) { begin(UInt8(ascii: "{"), lines) }

  /// Closes the innermost object.
  public mutating func endObject() { end(UInt8(ascii: "}")) }

  /// Opens an array.
  ///
  /// - Parameter lines: each element begins a line.
  public mutating func beginArray(lines: Bool = false) { begin(UInt8(ascii: "["), lines) }

  /// Closes the innermost array.
  public mutating func endArray() { end(UInt8(ascii: "]")) }

  /// Writes the key of the next value.
  ///
  /// - Parameter name: letters and digits of ASCII, which need no escape.
  public mutating func key(_ name: String) {
    separate()
    pending.append(UInt8(ascii: "\""))
    pending.append(contentsOf: name.utf8)
    pending.append(UInt8(ascii: "\""))
    pending.append(UInt8(ascii: ":"))
    position = .key
  }

  /// Writes a value.
  ///
  /// - Throws: `EncodingError`, as `JSONFragment`.
  public mutating func value(_ value: some Encodable) throws { splice(try JSONFragment(value, by: encoder)) }

  /// Writes a value that was encoded before.
  public mutating func splice(_ fragment: JSONFragment) {
    separate()
    pending.append(contentsOf: fragment.bytes)
    position = .value
    if pending.count >= Self.pieceSize { writePending() }
  }

  /// Writes a key with its value; nothing where there is none.
  ///
  /// - Throws: `EncodingError`, as `JSONFragment`.
  public mutating func member(_ name: String, _ value: (some Encodable)?) throws {
    guard let value else { return }
    key(name)
    try self.value(value)
  }

  /// Writes the members of an object into the innermost open one.
  ///
  /// - Throws: `EncodingError`, as `JSONFragment`.
  /// - Precondition: `object` encodes as an object.
  public mutating func members(of object: some Encodable) throws {
    let bytes = try JSONFragment(object, by: encoder).bytes
    precondition(bytes.first == UInt8(ascii: "{"), "not an object")
    guard bytes.count > 2 else { return }
    separate()
    pending.append(contentsOf: bytes[1..<bytes.count - 1])
    position = .value
  }

  /// Ends the document with a line break and gives the output back.
  ///
  /// - Precondition: everything opened is closed.
  public consuming func finish() -> Output {
    precondition(linesOfOpen.isEmpty, "an array or object is open")
    pending.append(UInt8(ascii: "\n"))
    writePending()
    return output
  }

  private mutating func begin(_ bracket: UInt8, _ lines: Bool) {
    separate()
    pending.append(bracket)
    linesOfOpen.append(lines)
    position = .start
  }

  private mutating func end(_ bracket: UInt8) {
    // An empty one stays on its line.
    if linesOfOpen.removeLast(), position == .value { pending.append(UInt8(ascii: "\n")) }
    pending.append(bracket)
    position = .value
    if pending.count >= Self.pieceSize { writePending() }
  }

  /// Writes what stands before a value or a key.
  private mutating func separate() {
    guard position != .key else { return }
    if position == .value { pending.append(UInt8(ascii: ",")) }
    if linesOfOpen.last == true { pending.append(UInt8(ascii: "\n")) }
  }

  private mutating func writePending() {
    output.write(pending)
    pending.removeAll(keepingCapacity: true)
  }
}
