import Testing

@testable import CallFrameInfo

/// Every instruction, assembled by hand, and the rows it makes.
@Suite struct RowsTests {
  private typealias Bytes = SectionBytes

  /// The words of the one row that `instructions` make, without its addresses, CFA and return address.
  private func rule(_ instructions: [UInt8], code: UInt64 = 1) -> String {
    let words = SectionBytes.table(instructions, code: code).words
    let prefix = "0x100-0x200 CFA = rsp + 8, "
    return words.count == 1 && words[0].hasPrefix(prefix)
      ? String(words[0].dropFirst(prefix.count)).replacing("rip = *(CFA - 8)", with: "rip")
      : words.joined(separator: "; ")
  }

  /// The CFA that `instructions` make.
  private func cfa(_ instructions: [UInt8]) -> CFARule? {
    let (rows, error) = SectionBytes.table(instructions).allRows
    return error == nil ? rows.last?.cfa : nil
  }

  /// The code and offset, from the first instruction on, of the error that `instructions` make.
  private func error(_ instructions: [UInt8], cie: [UInt8] = [0x0c, 7, 8]) -> (CallFrameError.Code, Int)? {
    let table = SectionBytes.table(instructions, cie: cie)
    return table.allRows.error.map { ($0.code, $0.offset - table.fdes[0].instructions.lowerBound) }
  }

  @Test func registersGetTheRuleOfEachInstruction() {
    #expect(rule([]) == "rip")
    #expect(rule([0x83, 2]) == "rbx = *(CFA - 16), rip")
    #expect(rule([0x05, 3, 2]) == "rbx = *(CFA - 16), rip")
    #expect(rule([0x11, 3, 0x7e]) == "rbx = *(CFA + 16), rip")
    #expect(rule([0x2f, 3, 2]) == "rbx = *(CFA + 16), rip")
    #expect(rule([0x14, 3, 2]) == "rbx = CFA - 16, rip")
    #expect(rule([0x15, 3, 0x7e]) == "rbx = CFA + 16, rip")
    #expect(rule([0x07, 3]) == "rbx = undefined, rip")
    #expect(rule([0x08, 3]) == "rbx = same, rip")
    #expect(rule([0x09, 3, 12]) == "rbx = r12, rip")
    #expect(rule([0x10, 6, 2, 0x76, 0x00]) == "rbp = *(rbp), rip")
    #expect(rule([0x16, 7, 2, 0x76, 16]) == "rsp = rbp + 16, rip")
    #expect(rule([0x16, 7, 2, 0x23, 16]) == "rsp = CFA + 16, rip")
    #expect(rule([0x2e, 24]) == "rip, arguments 24")
    #expect(rule([0x00, 0x00]) == "rip")
    #expect(rule([0x91, 2]) == "rip, xmm0 = *(CFA - 16)")
  }

  @Test func theCFAHasTheRuleOfEachInstruction() {
    #expect(cfa([0x0c, 6, 16]) == .register(6, offset: 16))
    #expect(cfa([0x12, 6, 0x7e]) == .register(6, offset: 16))
    #expect(cfa([0x0d, 6]) == .register(6, offset: 8))
    #expect(cfa([0x0e, 32]) == .register(7, offset: 32))
    #expect(cfa([0x13, 0x02]) == .register(7, offset: -16))
    #expect(SectionBytes.table([0x0f, 3, 0x76, 0x00, 0x06]).words == ["0x100-0x200 CFA = *(rbp), rip = *(CFA - 8)"])
  }

  @Test func everyAdvanceMovesByItsDeltaTimesTheCodeAlignment() {
    func ends(_ instructions: [UInt8], code: UInt64 = 1) -> [UInt64] {
      SectionBytes.table(instructions + [0x0e, 16], code: code).allRows.rows.map(\.addresses.upperBound)
    }
    #expect(ends([0x44]) == [0x104, 0x200])
    #expect(ends([0x02, 0x80]) == [0x180, 0x200])
    #expect(ends([0x03, 0xff, 0x00]) == [0x1ff, 0x200])
    #expect(ends([0x04, 0x10, 0, 0, 0]) == [0x110, 0x200])
    #expect(ends([0x1d, 0x20, 0, 0, 0, 0, 0, 0, 0]) == [0x120, 0x200])
    #expect(ends([0x01] + SectionBytes.little(0x130 as UInt64)) == [0x130, 0x200])
    #expect(ends([0x44], code: 4) == [0x110, 0x200])
    // A row of no addresses is none; an advance to the end leaves none behind it.
    #expect(ends([0x40, 0x44]) == [0x104, 0x200])
    #expect(ends([0x03, 0x00, 0x01]) == [0x200])
  }

  @Test func rowsAreMadeBetweenAdvances() {
    // push rbp; mov rbp, rsp; leave.
    let table = SectionBytes.table([0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6, 0x02, 0x50, 0x0c, 7, 8, 0xc6])
    #expect(
      table.words == [
        "0x100-0x101 CFA = rsp + 8, rip = *(CFA - 8)",
        "0x101-0x104 CFA = rsp + 16, rbp = *(CFA - 16), rip = *(CFA - 8)",
        "0x104-0x154 CFA = rbp + 16, rbp = *(CFA - 16), rip = *(CFA - 8)",
        "0x154-0x200 CFA = rsp + 8, rip = *(CFA - 8)",
      ])
  }

  @Test func rememberedStatesComeBackWithTheirCFA() {
    let table = SectionBytes.table([0x41, 0x0e, 16, 0x83, 2, 0x0a, 0x41, 0x0e, 8, 0xc3, 0x41, 0x0b])
    let rows = table.allRows.rows
    #expect(rows.map(\.cfa) == [8, 16, 8, 16].map { .register(7, offset: $0) })
    #expect(rows.map { $0.registers[3] } == [.unspecified, .offset(-16), .unspecified, .offset(-16)])
  }

  @Test func restoringGoesBackToTheCIEsRule() {
    #expect(rule([0x07, 16, 0xd0]) == "rip")
    #expect(rule([0x07, 16, 0x06, 16]) == "rip")
    #expect(rule([0x83, 2, 0xc3]) == "rip")
    #expect(rule([0x05, 200, 1, 2, 0x06, 200, 1]) == "rip")
  }

  @Test func registersUpTo255HaveRules() {
    let rows = SectionBytes.table([0x05, 255, 1, 2, 0x05, 60, 3]).allRows.rows
    #expect(rows[0].registers[255] == .offset(-16))
    #expect(rows[0].registers.map(\.register) == [16, 60, 255])
    #expect(error([0x05, 128, 2, 2])! == (.limit, 0))
  }

  @Test func eachDefectIsFoundAtItsInstruction() throws {
    func expect(
      _ instructions: [UInt8], cie: [UInt8] = [0x0c, 7, 8], _ code: CallFrameError.Code, at offset: Int,
      _ location: SourceLocation = #_sourceLocation
    ) {
      let found = error(instructions, cie: cie)
      #expect(found?.0 == code && found?.1 == offset, "\(String(describing: found))", sourceLocation: location)
    }
    expect([0x00, 0x0b], .unbalanced, at: 1)
    expect([0x0e, 8], cie: [], .misplaced, at: 0)
    expect([0x0d, 6], cie: [], .misplaced, at: 0)
    expect([0x0f, 2, 0x77, 0, 0x0d, 6], .misplaced, at: 4)
    expect([0x0f, 2, 0x77, 0, 0x0e, 8], .misplaced, at: 4)
    expect([0x0f, 2, 0x77, 0, 0x13, 8], .misplaced, at: 4)
    expect([0x44, 0x02, 0xff], .location, at: 1)
    expect([0x44, 0x01] + SectionBytes.little(0x102 as UInt64), .location, at: 1)
    expect([0x1d] + SectionBytes.little(UInt64.max), .location, at: 0)
    expect([0x2d], .unsupported, at: 0)
    expect([0x2c], .unsupported, at: 0)
    expect([0x3f], .unsupported, at: 0)
    expect([0x00, 0x0e], .truncated, at: 2)
    expect([0x0f, 9, 0], .truncated, at: 2)
    expect([0x0e] + [UInt8](repeating: 0xff, count: 10) + [0], .malformed, at: 1)
    expect([0x07] + SectionBytes.uleb(65536), .malformed, at: 1)
    expect([0x05, 3] + SectionBytes.uleb(1 << 62), .malformed, at: 0)
    expect([UInt8](repeating: 0x0a, count: Rows.deepestState + 1), .limit, at: Rows.deepestState)
    #expect(Rows.deepestState == 64 && error([UInt8](repeating: 0x0a, count: 64)) == nil)
    // In a CIE.
    for instruction: UInt8 in [0x44, 0xc3] {
      let table = SectionBytes.table([], cie: [0x0c, 7, 8, instruction])
      let error = try #require(table.allRows.error)
      #expect(error.code == .misplaced && error.offset == table.cies[0].instructions.lowerBound + 3)
    }
  }

  @Test func rowsBeforeADefectAreThere() {
    #expect(
      SectionBytes.table([0x44, 0x0e, 16, 0x44, 0x0b]).words == [
        "0x100-0x104 CFA = rsp + 8, rip = *(CFA - 8)",
        "0x104-0x108 CFA = rsp + 16, rip = *(CFA - 8)",
        "test.so: .eh_frame+0x2e: DW_CFA_restore_state without a remembered state",
      ])
    let beyond = SectionBytes.table([0x04, 0x01, 0x01, 0, 0])
    #expect(
      beyond.words == [
        "0x100-0x200 CFA = rsp + 8, rip = *(CFA - 8)",
        "test.so: .eh_frame+0x2a: DW_CFA_advance_loc4 goes to 0x201, beyond the FDE's end at 0x200",
      ])
    var rows = beyond.rows(of: beyond.fdes[0])
    _ = try? rows.next()
    _ = try? rows.next()
    #expect((try? rows.next()) == .some(nil))
  }

  @Test func aRowIsFoundByAnyOfItsAddresses() throws {
    let table = SectionBytes.table([0x44, 0x0e, 16, 0x44, 0x0e, 24])
    for row in table.allRows.rows {
      for address in row.addresses { #expect(try table.row(at: address) == row) }
    }
    #expect(try table.row(at: 0xff) == nil)
    #expect(try table.row(at: 0x200) == nil)
  }
}
