internal import CallFrameInfo

/// Why a name does not lead to one function.
package struct FunctionSearchFailure: Error {
  /// One line.
  package let error: InspectionError
  /// The functions of that name, or of near ones: a line each.
  package let candidates: [String]
}

/// Finds functions by name.
struct FunctionSearch {
  /// How many candidates are listed.
  private static let candidateLimit = 20
  /// What helps where names do not.
  private static let advice = "list the functions by address without --function, then use --address"

  private let file: ListedFile
  private let name: String

  init(_ name: String, in file: ListedFile) {
    self.file = file
    self.name = name
  }

  /// The addresses of the function and of its cold parts, ascending.
  ///
  /// The name may be the one of the symbol table or the readable one, in full, without parameters, or a part. The fuller match
  /// decides. O(number of symbols), each demangled once.
  func ranges() throws(FunctionSearchFailure) -> [Range<UInt64>] { try function().ranges }

  /// Where the function begins, and the addresses of it and of its cold parts, ascending; see `ranges`.
  func function() throws(FunctionSearchFailure) -> (start: UInt64, ranges: [Range<UInt64>]) {
    let candidates = file.symbols.candidates
    guard !candidates.isEmpty else {
      throw failure("it has no names: \(Self.advice)")
    }
    var found = candidates.filter { $0.name == name }
    if found.isEmpty {
      var best = Fullness.part
      for candidate in candidates {
        guard let match = fullness(of: candidate), match >= best else { continue }
        if match > best { found.removeAll() }
        best = match
        found.append(candidate)
      }
    }
    guard !found.isEmpty else {
      let near = NearNames(to: name, in: candidates, readable: file.symbols.readable).names
      let place = file.hasOnlyDynamicNames ? " among its dynamic names, and it has no others: \(Self.advice)" : ""
      throw failure("no function is called \(name)\(place)" + (near.isEmpty ? "" : "; near names:"), near)
    }
    return try function(of: found)
  }

  /// How much of a name the one asked for is.
  private enum Fullness: Int, Comparable {
    case part, lastComponent, withoutParameters, whole

    static func < (first: Fullness, second: Fullness) -> Bool { first.rawValue < second.rawValue }
  }

  private func fullness(of candidate: SymbolTable.Candidate) -> Fullness? {
    let readable = file.symbols.readable(candidate.name)
    guard readable.contains(name) || candidate.name.contains(name) else { return nil }
    if readable == name { return .whole }
    let bare = withoutParameters(readable)
    if bare == name { return .withoutParameters }
    return lastComponent(bare) == name ? .lastComponent : .part
  }

  private func function(
    of found: [SymbolTable.Candidate]
  ) throws(FunctionSearchFailure) -> (start: UInt64, ranges: [Range<UInt64>]) {
    var byStart: [UInt64: [SymbolTable.Candidate]] = [:]
    for candidate in found { byStart[candidate.start, default: []].append(candidate) }
    // A cold part belongs to its function, where that is among them.
    let names = Set(found.map(\.name))
    let whole = byStart.filter {
      !$1.allSatisfy { candidate in coldOwner(of: candidate.name).map(names.contains) == true }
    }
    guard whole.count == 1, let start = whole.keys.first, let aliases = whole[start] else {
      throw ambiguity(whole)
    }
    let owners = Set(aliases.map(\.name))
    let cold = file.symbols.candidates.filter { candidate in coldOwner(of: candidate.name).map(owners.contains) == true
    }
    return (start, Set([start] + cold.map(\.start)).sorted().map(file.functionRange))
  }

  private func ambiguity(_ functions: [UInt64: [SymbolTable.Candidate]]) -> FunctionSearchFailure {
    let listed = functions.keys.sorted().prefix(Self.candidateLimit).map { start in
      let name = functions[start]?.first.map { file.symbols.readable($0.name) } ?? ""
      return "\(hexadecimal(start)) \(name.escapedForTerminal(limit: functionWidthLimit))"
    }
    let more = functions.count > listed.count ? ["and \(functions.count - listed.count) more"] : []
    return failure(
      "\(functions.count) functions match \(name): give more of the name, or an --address of these:", listed + more)
  }

  private func failure(_ text: String, _ candidates: [String] = []) -> FunctionSearchFailure {
    FunctionSearchFailure(
      error: InspectionError(.noFunction, place: file.path, text), candidates: candidates)
  }
}

/// "f" for "f.cold" and "f.cold.3": compilers put what is seldom executed elsewhere, under such a name. Nil for another name.
func coldOwner(of name: String) -> String? {
  guard let dot = name.ranges(of: ".cold").last else { return nil }
  let rest = name[dot.upperBound...]
  guard rest.isEmpty || (rest.first == "." && rest.dropFirst().allSatisfy(\.isNumber)) else { return nil }
  return String(name[..<dot.lowerBound])
}

/// A readable name up to its parameters: "std::vector<int>::at" of "std::vector<int>::at(unsigned long) const".
func withoutParameters(_ name: String) -> String {
  var depth = 0
  for index in name.utf8.indices {
    switch name.utf8[index] {
    case UInt8(ascii: "<"): depth += 1
    case UInt8(ascii: ">"): depth -= 1
    case UInt8(ascii: "(") where depth <= 0 && index != name.startIndex: return String(name[..<index])
    default: break
    }
  }
  return name
}

/// The last component of a qualified name: "at" of "std::vector<int>::at", "resume" of "Fiber.resume".
func lastComponent(_ name: String) -> String {
  var depth = 0
  for index in name.utf8.indices.reversed() {
    switch name.utf8[index] {
    case UInt8(ascii: ">"): depth += 1
    case UInt8(ascii: "<"): depth -= 1
    case UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: " "):
      if depth <= 0 { return String(name[name.utf8.index(after: index)...]) }
    default: break
    }
  }
  return name
}

extension ListedFile {
  /// The addresses of the function that begins at `start`: those of its FDE, and of the symbol. An FDE may begin before its
  /// function, since lookups of pc - 1 have to find it.
  func functionRange(from start: UInt64) -> Range<UInt64> {
    let symbol = symbols.range(at: start).flatMap { $0.lowerBound == start ? $0 : nil }
    let fde = table.fde(at: start)?.addresses
    if let fde, fde.lowerBound == start || symbols.firstFunction(of: fde)?.start == start {
      return fde.lowerBound..<max(fde.upperBound, symbol.map(\.upperBound) ?? 0)
    }
    return symbol ?? start..<(fde?.upperBound ?? start.saturatingAdding(1))
  }
}
