import Testing

@testable import CallFrameInfo

@Suite struct InstructionTests {
  /// All instructions as data: bytes, offset and size in words.
  @Test func everyInstructionIsReadWithItsOffsetAndNamed() throws {
    let cases: [([UInt8], String)] = [
      ([0x00], "nop"), ([0x01] + SectionBytes.little(0x150 as UInt64), "set_loc 0x150"), ([0x44], "advance_loc 16"),
      ([0x02, 5], "advance_loc1 20"), ([0x03, 0, 1], "advance_loc2 1024"), ([0x04, 0, 0, 1, 0], "advance_loc4 262144"),
      ([0x1d, 1, 0, 0, 0, 0, 0, 0, 0], "MIPS_advance_loc8 4"), ([0x86, 2], "offset: rbp = *(CFA - 16)"),
      ([0x05, 6, 2], "offset_extended: rbp = *(CFA - 16)"), ([0x11, 6, 2], "offset_extended_sf: rbp = *(CFA - 16)"),
      ([0x2f, 6, 2], "GNU_negative_offset_extended: rbp = *(CFA + 16)"), ([0x14, 7, 0], "val_offset: rsp = CFA + 0"),
      ([0x15, 7, 0x7f], "val_offset_sf: rsp = CFA + 8"), ([0xc6], "restore: rbp"),
      ([0x06, 6], "restore_extended: rbp"),
      ([0x07, 16], "undefined: rip = undefined"), ([0x08, 3], "same_value: rbx = same"),
      ([0x09, 16, 2], "register: rip = rcx"), ([0x0a], "remember_state"), ([0x0b], "restore_state"),
      ([0x0c, 7, 16], "def_cfa: CFA = rsp + 16"), ([0x12, 7, 0x7e], "def_cfa_sf: CFA = rsp + 16"),
      ([0x0d, 6], "def_cfa_register rbp"), ([0x0e, 24], "def_cfa_offset 24"), ([0x13, 0x7d], "def_cfa_offset_sf 24"),
      ([0x0f, 2, 0x76, 0x78], "def_cfa_expression: CFA = rbp - 8"), ([0x10, 6, 1, 0x30], "expression: rbp = *(0)"),
      ([0x16, 6, 1, 0x31], "val_expression: rbp = 1"), ([0x2c], "AARCH64_negate_ra_state_with_pc"),
      ([0x2d], "GNU_window_save"), ([0x2e, 8], "GNU_args_size 8"),
    ]
    let table = SectionBytes.table(cases.flatMap(\.0), code: 4)
    let fde = table.fdes[0]
    let words = CallFrameWords(table.sections[0], cie: table.cies[0])
    var reader = CFAInstructionReader(of: fde, cie: table.cies[0], in: table.sections[0])
    var offset = fde.instructions.lowerBound
    for (bytes, expected) in cases {
      let instruction = try #require(try reader.next())
      #expect(words.describe(instruction) == expected)
      #expect(reader.offset == offset)
      offset += bytes.count
    }
    #expect(try reader.next() == nil)
  }
}
