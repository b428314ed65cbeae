/// Changes the encoded bytes of a record, length field included, behind the encoder's back.
package typealias RecordPatch = @Sendable (inout [UInt8]) -> Void

/// A CIE whose every field can be changed.
package struct EditableCIE: Sendable {
  package var version: UInt8
  /// Without the NUL.
  package var augmentation: [UInt8]
  /// Written where `version` is 4 or more.
  package var addressSize: UInt8
  package var segmentSelectorSize: UInt8
  package var codeAlignment: UInt64
  package var dataAlignment: Int64
  package var returnAddressRegister: UInt64
  /// Of "R", "L" and "P", each written where the augmentation has its letter.
  package var pointerEncoding: UInt8
  package var lsdaEncoding: UInt8
  package var personalityEncoding: UInt8
  /// The address of the personality routine or, indirectly, of the word that holds it.
  package var personality: UInt64
  package var operations: [FrameOperation]
  /// What fills the record up.
  package var padding: UInt8 = 0
  package var patch: RecordPatch?

  /// The augmentation has this letter.
  package func has(_ letter: Character) -> Bool {
    letter.asciiValue.map(augmentation.contains) ?? false
  }
}

/// A call frame instruction and the address from which on it acts.
package struct Directive: Sendable, Hashable {
  package var location: UInt64
  package var operation: FrameOperation

  package init(at location: UInt64, _ operation: FrameOperation) {
    self.location = location
    self.operation = operation
  }
}

/// An FDE whose every field can be changed.
package struct EditableFDE: Sendable {
  /// Index in `EditableFrames.cies`.
  package var cie: Int
  /// The first address and the size of what it covers, in bytes.
  package var start: UInt64
  package var size: UInt64
  /// The address of the language's data, nil for none.
  package var lsda: UInt64?
  /// In the order in which they are written; advances are written where the location changes.
  package var directives: [Directive]
  /// What advances are divided by: the code alignment of its CIE as it was read, whatever that says now.
  package var advanceUnit: UInt64
  package var padding: UInt8 = 0
  package var patch: RecordPatch?

  package var end: UInt64 { start &+ size }
}

/// All records of an `.eh_frame`, in their order.
package struct EditableFrames: Sendable {
  /// What stands at a place.
  package enum Record: Sendable, Hashable {
    case cie(Int)
    case fde(Int)
    case terminator
  }

  package var cies: [EditableCIE]
  package var fdes: [EditableFDE]
  package var order: [Record]
  /// There is a search table.
  package var hasSearchTable: Bool
  /// Changes the search table before it is written.
  package var searchTableEdit: (@Sendable (inout EditableSearchTable) -> Void)?

  /// Gives an FDE a CIE of its own, a copy of that it has, so that changing it changes no other FDE.
  ///
  /// - Returns: the index of the new one.
  @discardableResult
  package mutating func separateCIE(of fde: Int) -> Int {
    cies.append(cies[fdes[fde].cie])
    fdes[fde].cie = cies.count - 1
    let place = order.firstIndex(of: .fde(fde)) ?? 0
    order.insert(.cie(cies.count - 1), at: place)
    return cies.count - 1
  }
}

/// `.eh_frame_hdr` before it is written.
package struct EditableSearchTable: Sendable {
  package struct Entry: Sendable, Hashable {
    package var address: UInt64
    package var fdeAddress: UInt64
  }

  package var version: UInt8 = 1
  /// Of the address of `.eh_frame`, of the number of entries, and of entries.
  package var encodings: [UInt8] = [0x1b, 0x03, 0x3b]
  package var ehFrameAddress: UInt64
  package var declaredCount: UInt32
  package var entries: [Entry]
  /// How far from the section the segment PT_GNU_EH_FRAME leads.
  package var segmentDistance: UInt64 = 0

  /// The section's bytes at `address`.
  func encoded(at address: UInt64) -> [UInt8] {
    var bytes = [version] + encodings
    bytes.append(little: UInt32(truncatingIfNeeded: ehFrameAddress &- (address + 4)))
    bytes.append(little: declaredCount)
    for entry in entries {
      bytes.append(little: UInt32(truncatingIfNeeded: entry.address &- address))
      bytes.append(little: UInt32(truncatingIfNeeded: entry.fdeAddress &- address))
    }
    return bytes
  }
}
