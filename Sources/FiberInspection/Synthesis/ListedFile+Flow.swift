internal import CallFrameInfo
internal import FrameVerification

extension ListedFile {
  /// What is known of all its code. O(size of the file's symbols and stubs).
  ///
  /// - Parameter problems: receives what could not be read.
  func codeFacts(problems: inout [String]) -> CodeFacts {
    let names = symbols.candidates.filter(\.isFunction).map { (address: $0.start, rawName: $0.name) }
    var faults: [ELFError] = []
    let facts = CodeFacts(of: elf, names: names, reader: CodeReader(elf, sections: sections), problems: &faults)
    problems += faults.map(\.description)
    return facts
  }

  /// What follows its functions; not to be used by several threads at once.
  func codeFlow(_ facts: CodeFacts) -> CodeFlow {
    CodeFlow(table: table, facts: facts, reader: codeReader(facts)) { [symbols] in symbols.range(at: $0) }
  }

  private func codeReader(_ facts: CodeFacts) -> CodeReader {
    CodeReader(elf, sections: sections, labels: Array(facts.labels(in: 0..<UInt64.max)))
  }
}
