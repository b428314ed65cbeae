package import CallFrameInfo
internal import Instructions

/// Reads the code of a file as instructions. Not safe from several threads at once: each worker has its own.
package final class CodeReader {
  /// The file.
  package let elf: ELFFile
  private let sections: [CodeSection]
  /// Starts of functions, ascending.
  private let labels: [UInt64]
  private let disassembler = Disassembler()
  /// Of the section read last.
  private var window: CodeWindow?
  private var windowSection = -1

  /// - Parameters:
  ///   - elf: the file.
  ///   - sections: its code, by address.
  ///   - labels: where functions begin, ascending: no instruction goes on into one. (glibc's FDE of `__restore_rt` begins with a byte
  ///     of the padding before it, since unwinders look up pc − 1.)
  package init(_ elf: ELFFile, sections: [CodeSection], labels: [UInt64] = []) {
    self.elf = elf
    self.sections = sections
    self.labels = labels
  }

  /// The instructions of `addresses`, as far as the file has bytes and one section goes. O(bytes).
  package func code(of addresses: Range<UInt64>) -> FunctionCode {
    var code = FunctionCode(addresses: addresses, instructions: [])
    let index = sections.firstIndexAbove(addresses.lowerBound) { $0.addresses.lowerBound } - 1
    guard index >= 0, sections[index].addresses.contains(addresses.lowerBound) else { return code }
    var window = takeWindow(of: index)
    defer { self.window = window }
    let section = sections[index]
    let end = min(addresses.upperBound, section.addresses.upperBound)
    code.instructions.reserveCapacity(Int(clamping: min((end - addresses.lowerBound) / 4 + 1, 1 << 16)))
    var address = addresses.lowerBound
    var label = labels.firstIndexAbove(address) { $0 }
    while address < end, let offset = window.offset(of: address) {
      var instruction = disassembler.instruction(window.bytes, at: offset, address: address)
      while label < labels.count, labels[label] <= address { label += 1 }
      if label < labels.count, labels[label] < instruction.end {
        instruction = Instruction(address: address, length: 1, flow: .undecodable)
      }
      if !section.unresolved.isEmpty, section.unresolvedSymbol(at: address, count: Int(instruction.length)) != nil {
        instruction.dropTargets()
      }
      code.instructions.append(instruction)
      address = instruction.end
    }
    return code
  }

  /// The bytes of a section, where the last reading left them.
  private func takeWindow(of section: Int) -> CodeWindow {
    if section == windowSection, let window { return window }
    windowSection = section
    return CodeWindow(sections[section], of: elf)
  }
}

extension Instruction {
  /// Forgets where it leads and what it stores: only a linker knows.
  fileprivate mutating func dropTargets() {
    switch flow {
    case .jump: flow = .jump(nil)
    case .branch: flow = .branch(nil)
    case .call: flow = .call(nil)
    case .indirectJump: flow = .indirectJump(slot: nil)
    case .indirectCall: flow = .indirectCall(slot: nil)
    default: break
    }
    // Displacements and constants that a linker fills in are of global data, never of the stack.
    if case .move(let register, .constant) = effect { effect = .move(register, .unknown) }
    if case .push(.constant) = effect { effect = .push(.unknown) }
    if case .sum = effect { effect = .other }
    if case .constant? = store?.value { store?.value = .unknown }
  }
}
