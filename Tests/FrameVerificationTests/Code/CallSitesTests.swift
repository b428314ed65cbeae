import CallFrameInfo
import FrameVerification
import TestSupport
import Testing

@Suite struct CallSitesTests {
  /// A library whose function of 0x20 bytes has the LSDA that is given as assembly.
  private func sites(_ lsda: String) throws -> Result<CallSites?, CallFrameError> {
    let directory = try TemporaryDirectory()
    let source = try directory.write(
      """
        .text
        .hidden f
        .globl f
        .type f, @function
      f:
        .cfi_startproc
        .cfi_personality 0x9b, DW.ref.__gxx_personality_v0
        .cfi_lsda 0x1b, .Llsda
        .fill 0x20, 1, 0x90
        .cfi_endproc
        .size f, . - f
        .section .gcc_except_table, "a", @progbits
      .Llsda:
        \(lsda)
        .hidden DW.ref.__gxx_personality_v0
        .weak DW.ref.__gxx_personality_v0
        .section .data.rel.DW.ref.__gxx_personality_v0, "awG", @progbits, DW.ref.__gxx_personality_v0, comdat
      DW.ref.__gxx_personality_v0:
        .quad __gxx_personality_v0
        .section .note.GNU-stack, "", @progbits

      """, to: "f.s")
    let library = directory.file("f.so")
    let result = try run("gcc", ["-shared", "-nostdlib", source, "-o", library])
    try #require(result.succeeded, "\(result.report)")
    let known = try CodeFactsTests.Known(library)
    let fde = try #require(known.table.fdes.first { $0.lsda != nil })
    let cie = known.table.cie(of: fde)
    #expect(known.facts.usesCallSites(cie) == true)
    return Result { () throws(CallFrameError) in try CallSites(of: fde, cie: cie, in: known.elf) }
  }

  @Test func sitesAndLandingPadsAreWhatTheTableSays() throws {
    // No start of landing pads, no types; sites as uleb128 (1), 9 bytes: +4…+8 to +16; +8…+0x20 to nowhere.
    let found = try sites(".byte 0xff, 0xff, 1, 8, 4, 4, 16, 0, 8, 24, 0, 3").get()
    let sites = try #require(found).sites
    try #require(sites.count == 2)
    let start = sites[0].addresses.lowerBound - 4
    #expect(sites[0].addresses == start + 4..<start + 8)
    #expect(sites[0].landingPad == start + 16)
    #expect(sites[0].action == 0)
    #expect(sites[1].addresses == start + 8..<start + 0x20)
    #expect(sites[1].landingPad == nil)
    #expect(sites[1].action == 3)
    #expect(found?.addresses.count == 12)
  }

  @Test func landingPadsAreRelativeToTheStartThatIsGiven() throws {
    // Sites as udata4 (3), landing pads from f + 8 (pcrel sdata4), types at a distance.
    let found = try sites(".byte 0x1b; .long f + 8 - .; .byte 0x9b; .uleb128 40; .byte 3, 13; .long 0, 4, 2; .byte 1")
      .get()
    let site = try #require(found?.sites.first)
    #expect(site.landingPad == site.addresses.lowerBound + 10)
  }

  @Test(arguments: [
    // Behind the last one.
    (".byte 0xff, 0xff, 1, 8, 8, 4, 0, 0, 4, 4, 0, 0", CallFrameError.Code.malformed, 8),
    // Behind the function.
    (".byte 0xff, 0xff, 1, 4, 0, 0x21, 0, 0", .malformed, 4),
    (".byte 0xff, 0xff, 1, 4, 0x21, 0, 0, 0", .malformed, 4),
    // The last one ends too early.
    (".byte 0xff, 0xff, 1, 3, 0, 4, 0", .truncated, 7),
    // Larger than the file.
    (".byte 0xff, 0xff, 1, 0xff, 0xff, 0xff, 0xff, 0x7f", .truncated, 8),
    (".byte 0xff, 0xff, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1", .truncated, 13),
    // No such encodings.
    (".byte 0x0e, 0xff, 1, 0", .unsupported, 0), (".byte 0xff, 0x0e, 1, 0", .unsupported, 1),
    (".byte 0xff, 0xff, 0x1b, 0", .unsupported, 2), (".byte 0xff, 0xff, 0xff, 0", .unsupported, 2),
    // More than bytes of code.
    (".byte 0xff, 0xff, 1, 0x88, 1; .fill 0x88, 1, 0", .malformed, 0x89),
  ])
  func whatNoPersonalityCanReadIsRefused(_ lsda: String, _ code: CallFrameError.Code, _ offset: Int) throws {
    switch try sites(lsda) {
    case .success(let sites): Issue.record("read: \(String(describing: sites))")
    case .failure(let error):
      #expect(error.code == code, "\(error)")
      #expect(error.offset == offset, "\(error)")
      #expect(error.section == ".gcc_except_table")
    }
  }

  @Test func allOfALargeLibraryAreRead() throws {
    let known = try CodeFactsTests.Known("/usr/lib/x86_64-linux-gnu/libstdc++.so.6")
    var pads = 0
    for fde in known.table.fdes {
      let cie = known.table.cie(of: fde)
      guard fde.lsda != nil else { continue }
      #expect(known.facts.usesCallSites(cie) == true)
      let found = try #require(try CallSites(of: fde, cie: cie, in: known.elf))
      for pad in found.sites.compactMap(\.landingPad) {
        pads += 1
        // In the function, or in a part of it elsewhere; always where an instruction begins.
        let index = try #require(known.table.index(at: pad))
        #expect(known.reader.code(of: known.table.fdes[index].addresses).index(at: pad) != nil)
      }
    }
    #expect(pads > 1000)
  }
}
