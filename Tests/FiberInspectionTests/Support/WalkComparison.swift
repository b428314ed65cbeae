import Testing

@testable import FiberInspection

/// The walks of one stack by rows and by libdw.
struct WalkComparison {
  let rows: Walk
  let libdw: Walk

  /// The first difference in pc, sp, rbp or the end, nil if there is none.
  var difference: String? {
    for (number, (frame, other)) in zip(rows.frames, libdw.frames).enumerated()
    where frame.programCounter != other.programCounter || frame.stackPointer != other.stackPointer
      || frame.framePointer != other.framePointer
    {
      return "frame \(number): \(Self.text(frame)) by rows, \(Self.text(other)) by libdw"
    }
    if rows.frames.count != libdw.frames.count {
      return "\(rows.frames.count) frames by rows (\(rows.end)), \(libdw.frames.count) by libdw (\(libdw.end))"
    }
    return (rows.end == .outermost) == (libdw.end == .outermost) ? nil : "\(rows.end) by rows, \(libdw.end) by libdw"
  }

  private static func text(_ frame: WalkedFrame) -> String {
    func word(_ value: UInt64?) -> String { value.map(hexadecimal) ?? "unknown" }
    return
      "\(hexadecimal(frame.programCounter.address)) sp \(word(frame.stackPointer)) rbp \(word(frame.framePointer)) "
      + "(\(frame.found))"
  }
}

/// Both unwinders of one snapshot.
struct BothUnwinders {
  private var rows: RowUnwinder
  private var libdw: LibdwUnwinder

  init(_ snapshot: Snapshot) throws {
    rows = RowUnwinder(snapshot)
    libdw = LibdwUnwinder(session: try LibdwSession(snapshot), mappings: snapshot.mappings)
  }

  mutating func walk(from registers: Registers, limit: Int = 1000) -> WalkComparison {
    WalkComparison(rows: rows.walk(from: registers, limit: limit), libdw: libdw.walk(from: registers, limit: limit))
  }
}

extension Snapshot {
  /// Where the walk of a suspended fiber starts.
  func start(of fiber: FiberSnapshot, in registry: RegistrySnapshot) -> Registers {
    Registers(
      programCounter: registry.layout.suspendedProgramCounter, framePointer: fiber.savedStackPointer,
      stackPointer: fiber.savedStackPointer)
  }
}
