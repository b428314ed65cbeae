import Testing

@testable import FiberInspection

@Suite struct SymbolTableTests {
  private func candidate(_ name: String, _ start: UInt64, _ size: UInt64, rank: Int = 0) -> SymbolTable.Candidate {
    SymbolTable.Candidate(start: start, size: size, limit: 0x2000, rank: rank, name: name)
  }

  @Test func aPCBelongsToTheSymbolThatHoldsIt() {
    let table = SymbolTable([candidate("b", 0x1100, 0x10), candidate("a", 0x1000, 0x10)])
    #expect(table.symbol(at: 0x1000)?.name == "a")
    #expect(table.symbol(at: 0x100f)?.name == "a")
    #expect(table.symbol(at: 0x1100)?.name == "b")
  }

  @Test func aPCBeyondASymbolsEndBelongsToNobody() {
    let table = SymbolTable([candidate("a", 0x1000, 0x10), candidate("b", 0x1100, 0x10)])
    #expect(table.symbol(at: 0xfff) == nil)
    #expect(table.symbol(at: 0x1010) == nil)
    #expect(table.symbol(at: 0x1110) == nil)
  }

  @Test func aSymbolWithoutASizeEndsAtTheNextOrWithItsSection() {
    let table = SymbolTable([candidate("label", 0x1000, 0), candidate("a", 0x1100, 0x10), candidate("last", 0x1200, 0)])
    #expect(table.symbol(at: 0x10ff)?.name == "label")
    #expect(table.symbol(at: 0x1110) == nil)
    #expect(table.symbol(at: 0x1fff)?.name == "last")
    #expect(table.symbol(at: 0x2000) == nil)
  }

  @Test func aSymbolWithoutASizeDoesNotReachIntoAnotherSection() {
    let first = SymbolTable.Candidate(start: 0x1000, size: 0, limit: 0x1017, rank: 0, name: "_init")
    let table = SymbolTable([first, candidate("a", 0x1100, 0x10)])
    #expect(table.symbol(at: 0x1016)?.name == "_init")
    #expect(table.symbol(at: 0x1020) == nil)
  }

  @Test func aLabelInsideAFunctionIsNotOne() {
    let table = SymbolTable([candidate("whole", 0x1000, 0x100), candidate("label", 0x1040, 0)])
    #expect(table.symbol(at: 0x1050)?.name == "whole")
  }

  @Test func nestedSymbolsGiveWayToTheirEnclosingOne() {
    let table = SymbolTable([
      candidate("outer", 0x1000, 0x100), candidate("inner", 0x1010, 0x10), candidate("innermost", 0x1014, 0x4),
    ])
    #expect(table.symbol(at: 0x1015)?.name == "innermost")
    #expect(table.symbol(at: 0x1018)?.name == "inner")
    #expect(table.symbol(at: 0x1020)?.name == "outer")
  }

  @Test func ofSeveralNamesTheHighestRankStays() {
    let table = SymbolTable([candidate("_alias", 0x1000, 0x10, rank: 1), candidate("name", 0x1000, 0x10, rank: 2)])
    #expect(table.symbol(at: 0x1004)?.name == "name")
  }

  @Test func hostileSizesNeitherTrapNorLoop() {
    let table = SymbolTable([
      candidate("wraps", .max - 4, .max), candidate("all", 0, .max), candidate("zero", 0, 0), candidate("end", .max, 0),
    ])
    #expect(table.symbol(at: .max - 2)?.name == "wraps")
    #expect(table.symbol(at: 1)?.name == "all")
  }
}
