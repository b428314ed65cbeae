import FrameVerification

extension LintFixture {
  static let records: [LintFixture] = [
    LintFixture("record-length", "length of 4 GiB less 1 KiB") { image in
      image.describeAll()
      image.hasTerminator = false
      image.frames.bytes += Encoded.little(0xffff_fc00 as UInt32) + [0, 0, 0, 0]
    },
    LintFixture("record-length", "reserved length") { image in
      image.describeAll()
      image.hasTerminator = false
      image.frames.bytes += Encoded.little(0xffff_fff0 as UInt32) + [0, 0, 0, 0]
    },
    LintFixture("record-field", "FDE that ends inside its size") { image in
      image.describeAll()
      let field = UInt32(image.frames.bytes.count + 4 - image.frames.lastCIE)
      image.frames.bytes += Encoded.little(10 as UInt32) + Encoded.little(field) + [1, 2, 3, 4, 5, 6]
    },
    LintFixture("cie-pointer", "to the middle of a record") { image in
      image.describeAll()
      image.functions = 3
      image.frames.fde(FixtureImage.function(2), cie: 4)
      // What cannot be read has no entry, and its function no FDE: that is not what is shown here.
      image.entries = image.frames.fdes.dropLast().map { ($0.start, FixtureImage.ehFrame + UInt64($0.offset)) }
      image.functions = 2
    },
    LintFixture("cie-version", "9") { image in
      image.describeAll()
      image.frames.cie(version: 9)
    },
    LintFixture("cie-augmentation", "without a length") { image in
      image.describeAll()
      image.frames.cie(augmentation: "R", data: [])
    },
    LintFixture("cie-augmentation-unknown", "B, which is AArch64's", .warning) { image in
      image.frames.cie(augmentation: "zRB")
      image.frames.fde(FixtureImage.function(0))
      image.frames.fde(FixtureImage.function(1))
    },
    LintFixture("pointer-encoding", "undefined") { image in
      image.describeAll()
      image.frames.cie(data: [0x1d])
    },
    LintFixture("pointer-encoding", "addresses of FDEs that lie in memory") { image in
      image.describeAll()
      image.frames.cie(data: [0x9b])
    },
    LintFixture("cie-address-size", "4 bytes") { image in
      image.describeAll()
      image.debugFrames.cie(sizes: [4, 0])
    },
    LintFixture("cie-alignment", "code alignment 0") { image in
      image.describeAll()
      image.frames.cie(code: 0)
    },
    LintFixture("cie-alignment", "data alignment 0") { image in
      image.describeAll()
      image.frames.cie(dataAlignment: 0)
    },
    LintFixture("return-column", "17") { image in
      image.describeAll()
      image.frames.cie(column: 17, [0x0c, 7, 8])
    },
    LintFixture("return-column", "rcx", .warning) { image in
      image.describeAll()
      image.frames.cie(column: 2, [0x0c, 7, 8])
    },
    LintFixture("terminator-missing", "with a search table", .note) { image in
      image.describeAll()
      image.hasTerminator = false
    },
    LintFixture("terminator-early", "before the last FDE", .warning) { image in
      image.frames.cie()
      image.frames.fde(FixtureImage.function(0))
      image.frames.terminator()
      image.frames.fde(FixtureImage.function(1))
    },
  ]

  static let addresses: [LintFixture] = [
    LintFixture("fde-empty", "no byte", .warning) { image in
      image.describeAll()
      image.frames.fde(FixtureImage.text + 8..<FixtureImage.text + 8, [])
      image.entries = image.frames.fdes.dropLast().map { ($0.start, FixtureImage.ehFrame + UInt64($0.offset)) }
    },
    LintFixture("fde-duplicate", "other rows") { image in
      image.describeAll()
      image.frames.fde(FixtureImage.function(1), [])
    },
    LintFixture("fde-overlap", "one byte") { image in
      image.frames.cie()
      image.frames.fde(FixtureImage.text..<FixtureImage.text + 17)
      image.frames.fde(FixtureImage.function(1))
    },
    LintFixture("fde-outside-code", "beyond the end of .text") { image in
      image.frames.cie()
      image.frames.fde(FixtureImage.function(0))
      image.frames.fde(FixtureImage.text + 16..<FixtureImage.text + 40)
    },
    LintFixture("fde-discarded", "at 0 in .debug_frame", .note) { image in
      image.describeAll()
      image.debugFrames.cie()
      image.debugFrames.fde(0..<16)
    },
    LintFixture("relocations-missing", "stripped object file", .note) { image in
      image.describeAll()
      image.isObject = true
      image.hasTerminator = false
      image.hasSearchTable = false
    },
  ]

  static let searchTables: [LintFixture] = [
    LintFixture("search-table-missing", "no section, no segment", .note) { image in
      image.describeAll()
      image.hasSearchTable = false
    },
    LintFixture("search-table-segment", "section alone") { image in
      image.describeAll()
      image.hasSearchTableSegment = false
    },
    LintFixture("search-table-header", "version 2") { image in
      image.describeAll()
      image.searchTableVersion = 2
    },
    LintFixture("search-table-header", "4 bytes behind .eh_frame's start") { image in
      image.describeAll()
      image.namedEHFrame += 4
    },
    LintFixture("search-table-size", "one entry too many") { image in
      image.describeAll()
      image.declaredCount = 3
    },
    LintFixture("search-table-order", "two entries exchanged") { image in
      image.describeAll()
      image.entries = image.frames.fdes.reversed().map { ($0.start, FixtureImage.ehFrame + UInt64($0.offset)) }
    },
    LintFixture("search-table-entry", "to the FDE of another function") { image in
      image.describeAll()
      image.entries = image.frames.fdes.map { ($0.start, FixtureImage.ehFrame + UInt64(image.frames.fdes[0].offset)) }
    },
    LintFixture("search-table-entry", "to a CIE") { image in
      image.describeAll()
      image.entries = image.frames.fdes.map { ($0.start, FixtureImage.ehFrame + UInt64($0.offset)) }
      image.entries?[1].fde = FixtureImage.ehFrame
    },
    LintFixture("search-table-incomplete", "one entry left out") { image in
      image.describeAll()
      image.entries = image.frames.fdes.prefix(1).map { ($0.start, FixtureImage.ehFrame + UInt64($0.offset)) }
    },
  ]

  static let exceptions: [LintFixture] = [
    LintFixture("personality-outside", "in data") { image in
      image.personality(at: FixtureImage.exceptTable, lsda: FixtureImage.exceptTable)
    },
    LintFixture("lsda-outside", "behind the end of the file") { image in
      image.personality(at: FixtureImage.text, lsda: FixtureImage.exceptTable + 0x10000)
    },
    LintFixture("lsda-size", "2 bytes where there are 4") { image in
      image.frames.cie()
      image.frames.fde(FixtureImage.function(0))
      image.frames.cie(augmentation: "zLR", data: [0x0a, 0x1b])
      image.frames.fde(FixtureImage.function(1))
    },
    LintFixture("lsda-call-sites", "longer than the function") { image in
      image.lsda(callSites: [0, 17, 0, 0])
    },
    LintFixture("lsda-call-sites", "not ascending") { image in
      image.lsda(callSites: [4, 2, 0, 0, 2, 2, 0, 0])
    },
    LintFixture("lsda-call-sites", "landing pad outside the code") { image in
      image.lsda(callSites: [0, 4, 0x40, 0])
    },
    LintFixture("lsda-call-sites", "unknown encoding") { image in
      image.personality(at: FixtureImage.text, lsda: FixtureImage.exceptTable + 4)
      image.lsda += [0x0d, 0xff, 0x01, 0x00]
    },
    LintFixture("lsda-call-sites", "longer than the file") { image in
      image.personality(at: FixtureImage.text, lsda: FixtureImage.exceptTable + 4)
      image.lsda += [0xff, 0xff, 0x01, 0x7f]
    },
    LintFixture("lsda-missing", "0", .note) { image in
      image.personality(at: FixtureImage.text, lsda: nil)
    },
    LintFixture("lsda-without-personality", "zLR", .warning) { image in
      image.frames.cie(augmentation: "zLR", data: [0x1b, 0x1b])
      image.frames.fde(FixtureImage.function(0))
      image.frames.fde(FixtureImage.function(1), lsda: FixtureImage.exceptTable)
    },
  ]

  static let coverage: [LintFixture] = [
    LintFixture("code-without-fde", "a function", .note) { image in
      image.describeAll()
      image.functions = 3
    },
    LintFixture("code-without-fde", "the end of a function", .note) { image in
      image.frames.cie()
      image.frames.fde(FixtureImage.function(0))
      image.frames.fde(FixtureImage.text + 16..<FixtureImage.text + 22)
    },
  ]
}

extension FixtureImage {
  /// Function 1 with an LSDA of its own with these call sites.
  mutating func lsda(callSites: [UInt8]) {
    personality(at: Self.text, lsda: Self.exceptTable + UInt64(lsda.count))
    lsda += [0xff, 0xff, 0x01, UInt8(callSites.count)] + callSites
  }

  /// Both functions with a personality routine; function 1 with this LSDA.
  mutating func personality(at address: UInt64, lsda: UInt64?) {
    // The pointer lies behind length, id, version, string, factors, column, size and its encoding.
    let place = Self.ehFrame + UInt64(frames.bytes.count) + 4 + 4 + 1 + 5 + 1 + 1 + 1 + 1 + 1
    frames.cie(
      augmentation: "zPLR",
      data: [0x1b] + Encoded.little(UInt32(truncatingIfNeeded: address &- place)) + [0x1b, 0x1b])
    frames.fde(Self.function(0), lsda: Self.exceptTable)
    frames.fde(Self.function(1), lsda: lsda)
  }
}
