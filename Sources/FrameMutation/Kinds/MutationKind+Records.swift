internal import CallFrameInfo

// Records and the fields of CIEs that break the rules of their format.
extension MutationKind {
  static let records: [MutationKind] = [
    fde("length-beyond-section", "a record's length leads out of the section") {
      $0.write(little: UInt32(1 << 24), at: 0)
    },
    fde("length-reserved", "a record's length is a reserved one") { $0.write(little: UInt32(0xffff_fff1), at: 0) },
    fde("length-wide", "a record's length says that a 64-bit one follows") { $0.write(little: UInt32.max, at: 0) },
    fde("length-zero", "a record's length is 0, which ends the section") { $0.write(little: UInt32(0), at: 0) },
    fde("length-short", "a record ends inside its addresses") { $0.write(little: UInt32(8), at: 0) },
    length("length-plus-4", "a record's length takes 4 bytes of the next one", by: 4),
    length("length-minus-4", "a record's length is 4 too small", by: -4),
    fde("cie-pointer-off", "an FDE's CIE pointer leads 4 bytes past its CIE") { bytes in
      let distance = bytes.number(at: 4, as: UInt32.self) ?? 0
      bytes.write(little: distance &- 4, at: 4)
    },
    fde("cie-pointer-outside", "an FDE's CIE pointer leads out of the section") {
      $0.write(little: UInt32(0x7fff_0000), at: 4)
    },
    fde("cie-pointer-self", "an FDE's CIE pointer leads to itself") { $0.write(little: UInt32(4), at: 4) },
    fde("cie-pointer-zero", "an FDE's CIE pointer is 0, which makes it a CIE") { $0.write(little: UInt32(0), at: 4) },
    MutationKind("cie-pointer-other", .structural, "an FDE's CIE pointer leads to another FDE") { site in
      // Of the same CIE pointer's size: the distance to the record before it, which is an FDE's.
      let place = site.frames.order.firstIndex(of: .fde(site.fde)) ?? 0
      guard place > 0, case .fde(let other) = site.frames.order[place - 1] else { return [] }
      let cie = site.frames.cies[site.frames.fdes[other].cie]
      let size = site.frames.fdes[other].encoded(at: 0, cie: cie, distance: 0).count
      return [
        site.changing("a CIE pointer to the record before") { $0.patch = { $0.write(little: UInt32(size + 4), at: 4) } }
      ]
    },
    MutationKind("terminator-missing", .structural, "neither a zero length nor a search table ends the section") { _ in
      [
        Mutation("no end") { frames in
          frames.order.removeAll { $0 == .terminator }
          frames.hasSearchTable = false
        }
      ]
    },
    MutationKind("terminator-early", .structural, "a zero length stands before other records") { site in
      let fde = site.fde
      return [
        Mutation("a zero length before the record") { frames in
          frames.order.insert(.terminator, at: frames.order.firstIndex(of: .fde(fde)) ?? 0)
        }
      ]
    },
    MutationKind("fde-missing", .structural, "a function has no FDE") { site in
      let fde = site.fde
      return [Mutation("no FDE") { $0.order.removeAll { $0 == .fde(fde) } }]
    },
  ]

  static let cies: [MutationKind] = [
    cie("cie-version", "a CIE's version is none") { [0, 2, 6, 0x7a].map { version in { $0.version = version } } },
    cie("augmentation-unknown", "an augmentation has a letter that is none") {
      ["zRX", "zRQ"].map { text in { $0.augmentation = Array(text.utf8) } }
    },
    cie("augmentation-unsized", "an augmentation does not begin with z") {
      ["R", "LR", "armcc+"].map { text in { $0.augmentation = Array(text.utf8) } }
    },
    cie("augmentation-endless", "an augmentation has no end") {
      [{ $0.augmentation = Array("z".utf8) + [UInt8](repeating: UInt8(ascii: "R"), count: 100) }]
    },
    cie("augmentation-lost", "a CIE does not say how addresses are encoded") {
      // Read as absolute addresses of 8 bytes.
      [{ $0.augmentation.removeAll { $0 == UInt8(ascii: "R") } }]
    },
    cie("augmentation-data-long", "a CIE's augmentation data is longer than the record") {
      [
        { cie in
          let place = 8 + 1 + cie.augmentation.count + 1 + 3
          cie.patch = { if $0.indices.contains(place) { $0[place] = 0x7f } }
        }
      ]
    },
    cie("pointer-encoding-undefined", "addresses have an encoding that is none") {
      [0x0f, 0x06, 0x6b, 0x7b].map { encoding in { $0.pointerEncoding = encoding } }
    },
    cie("pointer-encoding-omit", "addresses are said to be left out") { [{ $0.pointerEncoding = 0xff }] },
    cie("pointer-encoding-indirect", "addresses are said to lie in memory") { [{ $0.pointerEncoding = 0x9b }] },
    cie("pointer-encoding-base", "addresses are said to be relative to something else") {
      [0x0b, 0x2b, 0x3b].map { encoding in
        { cie in cie.patchEncoding("R", encoding) }
      }
    },
    cie("pointer-encoding-size", "addresses are said to have 2 or 8 bytes") {
      [0x1a, 0x1c].map { encoding in { cie in cie.patchEncoding("R", encoding) } }
    },
    cie("code-alignment-zero", "the code alignment factor is 0") { [{ $0.codeAlignment = 0 }] },
    cie("data-alignment-zero", "the data alignment factor is 0") { [{ $0.dataAlignment = 0 }] },
    cie("return-column-outside", "the return address column is no general register's") {
      [17, 49, 0x80, 255].map { column in { $0.returnAddressRegister = column } }
    },
    cie("address-size", "a CIE of version 4 has addresses of 4 bytes or segments") {
      [
        { cie in
          cie.version = 4
          cie.addressSize = 4
        },
        { cie in
          cie.version = 4
          cie.segmentSelectorSize = 2
        },
        { cie in
          cie.version = 4
          cie.addressSize = 3
        },
      ]
    },
    cie("cie-cfa-missing", "no CFA is defined") { [{ $0.operations.removeAll(where: \.definesCFA) }] },
    cie("cie-return-address-missing", "nothing says where the return address is") {
      [{ $0.operations.removeAll { $0.ruledRegister == 16 } }]
    },
    cie("cie-restore", "a CIE restores a register's first rule") { [{ $0.operations.append(.restore(3)) }] },
    cie("cie-advance", "a CIE advances") { [{ $0.operations.append(.raw([0x41])) }] },
    cie("personality-outside", "the personality routine is no code of the file") {
      [
        { cie in
          if !cie.has("P") { cie.augmentation = Array("zPLR".utf8) }
          cie.personalityEncoding = 0x1b
          cie.personality = 0x10
        }
      ]
    },
    cie("personality-encoding", "the personality routine's address has an encoding that is none") {
      [
        { cie in
          if !cie.has("P") { cie.augmentation = Array("zPR".utf8) }
          cie.personalityEncoding = 0x0e
        }
      ]
    },
    MutationKind("lsda-outside", .structural, "an LSDA is where the file loads nothing") { site in
      let fde = site.fde
      return [
        Mutation("an LSDA at 0x7f000000") { frames in
          let cie = frames.separateCIE(of: fde)
          if !frames.cies[cie].has("L") {
            frames.cies[cie].augmentation = Array("zLR".utf8)
            frames.cies[cie].lsdaEncoding = 0x1b
          }
          frames.fdes[fde].lsda = 0x7f00_0000
        }
      ]
    },
    MutationKind("lsda-encoding-size", .structural, "LSDA pointers are said to have 2 or 8 bytes") { site in
      guard site.record.lsda != nil, site.cie.has("R") else { return [] }
      return [UInt8](arrayLiteral: 0x1a, 0x1c).map { encoding in
        site.changingCIE("LSDA encoding \(encoding)") { cie in
          cie.augmentation.removeAll { $0 == UInt8(ascii: "L") }
          cie.augmentation.append(UInt8(ascii: "L"))
          cie.patchEncoding("L", encoding)
        }
      }
    },
    cie("lsda-encoding", "LSDA pointers have an encoding that is none") {
      [
        { cie in
          if !cie.has("L") { cie.augmentation = Array("zLR".utf8) }
          cie.lsdaEncoding = 0x0d
        }
      ]
    },
  ]

  /// A kind that changes the length of an FDE, but not of the last one: the zero length behind it would be padding or there twice.
  private static func length(_ id: String, _ summary: String, by change: Int) -> MutationKind {
    MutationKind(id, .structural, summary) { site in
      let place = site.frames.order.firstIndex(of: .fde(site.fde)) ?? 0
      guard place + 1 < site.frames.order.count, site.frames.order[place + 1] != .terminator else { return [] }
      return [
        site.changing("length changed by \(change)") { fde in
          fde.patch = { $0.write(little: UInt32($0.count - 4 + change), at: 0) }
        }
      ]
    }
  }

  /// A kind that changes the bytes of an FDE.
  private static func fde(_ id: String, _ summary: String, _ patch: @escaping RecordPatch) -> MutationKind {
    MutationKind(id, .structural, summary) { site in [site.changing(id) { $0.patch = patch }] }
  }

  /// A kind that changes a copy of the function's CIE in each of several ways.
  private static func cie(
    _ id: String, _ summary: String, _ changes: @escaping @Sendable () -> [@Sendable (inout EditableCIE) -> Void]
  ) -> MutationKind {
    MutationKind(id, .structural, summary) { site in
      changes().enumerated().map { index, change in site.changingCIE("\(id) \(index)", change) }
    }
  }
}

extension EditableCIE {
  /// Changes the encoding that a letter of the augmentation announces in the bytes of the CIE alone: its FDEs stay as they are.
  fileprivate mutating func patchEncoding(_ letter: Character, _ new: UInt8) {
    guard has(letter), augmentation.last == letter.asciiValue else { return }
    // Behind the string are both alignment factors, the column and the size of the data, of one byte each; what the last letter
    // announces is at the end of the data.
    let size = 8 + 1 + augmentation.count + 1 + 3
    patch = { bytes in
      let end = size + Int(bytes[size])
      if bytes.indices.contains(end) { bytes[end] = new }
    }
  }
}
