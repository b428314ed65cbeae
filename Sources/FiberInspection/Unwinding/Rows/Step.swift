internal import CallFrameInfo

/// How the registers of a caller follow from those of a frame at one pc: a row, made small.
///
/// Nearly all rows are a register and an offset, and a few registers saved at the CFA; those are carried out without looking at
/// the row again. What is none of these refers to the row itself.
package struct Step: Sendable {
  package enum Kind: UInt8, Sendable {
    /// No row covers the pc.
    case uncovered
    /// A row does: as the other fields say.
    case compact
    /// A row does: number `index` of those that are evaluated.
    case general
    /// The row says that there is no caller.
    case outermost
    /// A row should, but cannot be used: fault number `index`.
    case defective
  }

  /// What becomes of a register that does not just keep its value.
  package struct Change: Sendable {
    package enum Kind: UInt8, Sendable {
      /// It lies at CFA + offset.
      case saved
      /// It lies at the value of register `base` + offset.
      case savedAtRegister
      /// It is CFA + offset.
      case value
    }

    package var kind = Kind.saved
    package var register: UInt8 = 0
    package var base: UInt8 = 0
    package var offset: Int32 = 0
  }

  static let mostChanges = 8

  package var kind = Kind.uncovered
  /// The caller was interrupted: its pc is exact.
  package var isSignalFrame = false
  package var index: Int32 = 0
  /// The CFA is this register + `cfaOffset`; or, if `isLoaded`, the word there + `cfaAddend`.
  package var cfaRegister: UInt8 = 0
  package var isLoaded = false
  package var cfaOffset: Int32 = 0
  package var cfaAddend: Int32 = 0
  /// The return address lies at CFA + this.
  package var returnOffset: Int32 = 0
  /// Registers that keep their value, by bit.
  package var kept: UInt32 = FrameRegisters.calleeSaved
  package var changeCount: UInt8 = 0
  package var changes = InlineArray<8, Change>(repeating: Change())

  /// No row.
  package init() {}
}

extension Step {
  /// The row of `found` in small; nil if it has to be evaluated.
  package init?(_ found: FoundRow) {
    let row = found.row
    let column = found.cie.returnAddressRegister
    kind = .compact
    isSignalFrame = found.cie.isSignalFrame
    switch row.cfa {
    case .register(let register, let offset):
      guard register < FrameRegisters.count, let offset = Int32(exactly: offset) else { return nil }
      cfaRegister = UInt8(register)
      cfaOffset = offset
    case .expression(let block):
      guard let load = SimpleExpression(block, in: found.section, cie: found.cie), load.isLoaded else { return nil }
      cfaRegister = load.register
      cfaOffset = load.offset
      cfaAddend = load.addend
      isLoaded = true
    case .unspecified: return nil
    }
    guard case .offset(let offset) = row.registers[column], let offset = Int32(exactly: offset) else { return nil }
    returnOffset = offset

    for (register, rule) in row.registers where register != column {
      // What is beyond these is not tracked.
      guard register < FrameRegisters.count - 1 else { continue }
      let number = UInt8(register)
      // rsp is the CFA unless a rule says where it is: that it is lost, or as it was, is for the row to say.
      if number == FrameRegisters.stackPointer, rule == .undefined || rule == .sameValue { return nil }
      kept &= ~(1 << UInt32(number))
      var change = Change(register: number)
      switch rule {
      case .unspecified, .undefined: continue
      case .sameValue:
        kept |= 1 << UInt32(number)
        continue
      case .offset(let offset):
        guard let offset = Int32(exactly: offset) else { return nil }
        change.offset = offset
      case .valueOffset(let offset):
        guard let offset = Int32(exactly: offset) else { return nil }
        change.kind = .value
        change.offset = offset
      case .expression(let block):
        guard let place = SimpleExpression(block, in: found.section, cie: found.cie), !place.isLoaded else {
          return nil
        }
        change.kind = .savedAtRegister
        change.base = place.register
        change.offset = place.offset
      case .register, .valueExpression: return nil
      }
      guard changeCount < Self.mostChanges else { return nil }
      changes[Int(changeCount)] = change
      changeCount += 1
    }
  }
}

/// An expression that is a register and an offset, or the word there and an addend: `breg6 -8; deref; plus_uconst 16`.
private struct SimpleExpression {
  let register: UInt8
  let offset: Int32
  let isLoaded: Bool
  let addend: Int32

  init?(_ block: ExpressionBlock, in section: CallFrameSection, cie: CIE) {
    var reader = OperationReader(block, in: section, cie: cie)
    guard let first = try? reader.next(), (0x70...0x7f).contains(first.code.rawValue),
      let offset = Int32(exactly: Int64(bitPattern: first.first))
    else { return nil }
    register = first.code.rawValue - 0x70
    self.offset = offset
    var isLoaded = false
    var addend: Int32 = 0
    do throws(CallFrameError) {
      if let second = try reader.next() {
        guard second.code.rawValue == 0x06 else { return nil }
        isLoaded = true
        if let third = try reader.next() {
          guard third.code.rawValue == 0x23, let constant = Int32(exactly: third.first), try reader.next() == nil else {
            return nil
          }
          addend = constant
        }
      }
    } catch {
      return nil
    }
    self.isLoaded = isLoaded
    self.addend = addend
  }
}
