package import CallFrameInfo

/// A record that cannot be made editable.
package struct NotEditable: Error, CustomStringConvertible {
  package var description: String
}

extension EditableFrames {
  /// Decodes a whole `.eh_frame`.
  ///
  /// - Parameter hasSearchTable: the file has a search table for it.
  /// - Throws: `NotEditable` where a record cannot be read, or is of a form that compilers for x86-64 no longer write
  ///   (64-bit DWARF, the augmentation "eh", segment selectors): nothing is left out silently.
  package init(_ section: CallFrameSection, hasSearchTable: Bool) throws {
    var cies: [EditableCIE] = []
    var fdes: [EditableFDE] = []
    var order: [Record] = []
    // By offset: the reader numbers CIEs as they are needed, which may be before their place.
    var places: [Int: Int] = [:]
    var records = CallFrameRecords(section)
    while let record = records.next() {
      switch record {
      case .terminator: order.append(.terminator)
      case .defect(let error): throw NotEditable(description: error.description)
      case .cie(let cie):
        if places[cie.offset] == nil {
          places[cie.offset] = cies.count
          cies.append(try EditableCIE(cie, in: section))
        }
        order.append(.cie(places[cie.offset] ?? 0))
      case .fde(let fde):
        let cie = records.cies[fde.cieIndex]
        if places[cie.offset] == nil {
          places[cie.offset] = cies.count
          cies.append(try EditableCIE(cie, in: section))
        }
        order.append(.fde(fdes.count))
        fdes.append(try EditableFDE(fde, cie: cie, index: places[cie.offset] ?? 0, in: section))
      }
    }
    self.init(cies: cies, fdes: fdes, order: order, hasSearchTable: hasSearchTable)
  }
}

extension EditableCIE {
  init(_ cie: CIE, in section: CallFrameSection) throws {
    guard !cie.isDWARF64, cie.segmentSelectorSize == 0, cie.addressSize == 8, !cie.augmentation.hasPrefix("eh") else {
      throw NotEditable(
        description: "\(section.source): \(section.name)+0x\(String(cie.offset, radix: 16)): a CIE of an unusual form")
    }
    var reader = CFAInstructionReader(of: cie, in: section)
    var operations: [FrameOperation] = []
    while let instruction = try reader.next() {
      if let operation = FrameOperation(instruction, in: section) { operations.append(operation) }
    }
    self.init(
      version: cie.version, augmentation: Array(cie.augmentation.utf8), addressSize: cie.addressSize,
      segmentSelectorSize: 0, codeAlignment: cie.codeAlignment, dataAlignment: cie.dataAlignment,
      returnAddressRegister: UInt64(cie.returnAddressRegister), pointerEncoding: cie.pointerEncoding.rawValue,
      lsdaEncoding: cie.lsdaEncoding?.rawValue ?? PointerEncoding.omit.rawValue,
      personalityEncoding: cie.personality?.encoding.rawValue ?? PointerEncoding.omit.rawValue,
      personality: cie.personality?.value ?? 0, operations: operations)
  }
}

extension EditableFDE {
  init(_ fde: FDE, cie: CIE, index: Int, in section: CallFrameSection) throws {
    var reader = CFAInstructionReader(of: fde, cie: cie, in: section)
    var directives: [Directive] = []
    var location = fde.addresses.lowerBound
    while let instruction = try reader.next() {
      switch instruction {
      case .advanceLocation(let delta), .advanceLocation1(let delta):
        location &+= UInt64(delta) &* cie.codeAlignment
      case .advanceLocation2(let delta): location &+= UInt64(delta) &* cie.codeAlignment
      case .advanceLocation4(let delta): location &+= UInt64(delta) &* cie.codeAlignment
      case .setLocation(let address): location = address
      default:
        if let operation = FrameOperation(instruction, in: section) {
          directives.append(Directive(at: location, operation))
        }
      }
    }
    self.init(
      cie: index, start: fde.addresses.lowerBound, size: fde.addresses.upperBound - fde.addresses.lowerBound,
      lsda: fde.lsda?.value, directives: directives, advanceUnit: max(1, cie.codeAlignment))
  }
}
