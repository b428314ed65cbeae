internal import CallFrameInfo

/// The names of a file's functions, demangled as they are asked for.
final class ListedSymbols {
  /// All of them, of one address several.
  let candidates: [SymbolTable.Candidate]
  private let table: SymbolTable
  private var demangledNames: [String: String] = [:]

  init(_ candidates: [SymbolTable.Candidate]) {
    self.candidates = candidates
    table = SymbolTable(candidates)
  }

  /// The functions that begin in `addresses`, ascending.
  func symbols(in addresses: Range<UInt64>) -> ArraySlice<SymbolTable.Symbol> { table.symbols(in: addresses) }

  /// The name for an address inside a function.
  func symbol(at address: UInt64) -> ListedSymbol? {
    table.symbol(at: address).map { listed($0, at: address) }
  }

  /// Where the function around `address` lies.
  func range(at address: UInt64) -> Range<UInt64>? {
    table.symbol(at: address).map { $0.start..<$0.end }
  }

  /// A symbol as the name of an address in it.
  func listed(_ symbol: SymbolTable.Symbol, at address: UInt64) -> ListedSymbol {
    ListedSymbol(name: readable(symbol.name), rawName: symbol.name, offset: address &- symbol.start)
  }

  /// A name of the symbol table as people write it.
  func readable(_ rawName: String) -> String {
    if let known = demangledNames[rawName] { return known }
    let name = demangled(rawName)
    demangledNames[rawName] = name
    return name
  }
}
