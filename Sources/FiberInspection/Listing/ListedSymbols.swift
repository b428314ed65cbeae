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

  /// What a part of the code is called: as the function that begins there or, where a mere label does (linker scripts and
  /// assembly mark ends so), as the first function that begins in it; else as what is around its start.
  func title(of addresses: Range<UInt64>) -> ListedSymbol? {
    let start = addresses.lowerBound
    return firstFunction(of: addresses).map { listed($0, at: max(start, $0.start)) } ?? symbol(at: start)
  }

  /// The function around the first address or, where there is none, the first one that begins in the addresses.
  func firstFunction(of addresses: Range<UInt64>) -> SymbolTable.Symbol? {
    if let around = table.symbol(at: addresses.lowerBound), around.isFunction { return around }
    return table.symbols(in: addresses).first(where: \.isFunction)
  }

  /// A function, not a mere label, begins at or lies around `address`.
  func hasFunction(at address: UInt64) -> Bool { table.symbol(at: address)?.isFunction == true }

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
