internal import CZydis

/// What stands at an address of code.
package struct DecodedInstruction {
  /// In bytes, at least 1. An instruction that cannot be decoded is one byte.
  package var length: Int
  /// Its bytes are an instruction of x86-64.
  package var isValid: Bool
  /// It does nothing, or traps: what assemblers and linkers put between functions.
  package var isPadding: Bool
  /// Where a direct jump or call leads, or what an operand relative to rip refers to; nil without one.
  package var target: UInt64?
}

/// x86-64 instructions as text, by Zydis. The only file that imports it.
///
/// The text is Intel's syntax with the names that the GNU tools give to conditions ("je", not "jz"), and operands relative to
/// rip as they are encoded. It lies in a buffer that the next call overwrites, so that a listing of millions of
/// instructions allocates nothing for each.
///
/// Not safe from several threads at once.
@safe package final class Disassembler {
  /// The longest instruction, in bytes (Intel SDM, volume 2, 2.3.11).
  package static let longestInstruction = 15
  /// More than any text of Zydis 4.0 is long.
  private static let textCapacity = 256

  private let decoder: UnsafeMutablePointer<ZydisDecoder>
  private let formatter: UnsafeMutablePointer<ZydisFormatter>
  private let instruction: UnsafeMutablePointer<ZydisDecodedInstruction>
  private let operands: UnsafeMutablePointer<ZydisDecodedOperand>
  /// By Zydis's number of the mnemonic.
  private let renamed: [RenamedMnemonic?]
  /// The text of the last instruction, in its first `textCount` bytes.
  package private(set) var text = [UInt8](repeating: 0, count: textCapacity)
  /// Length of that text.
  package private(set) var textCount = 0

  package init() {
    unsafe decoder = .allocate(capacity: 1)
    unsafe decoder.initialize(to: ZydisDecoder())
    unsafe formatter = .allocate(capacity: 1)
    unsafe formatter.initialize(to: ZydisFormatter())
    unsafe instruction = .allocate(capacity: 1)
    unsafe instruction.initialize(to: ZydisDecodedInstruction())
    unsafe operands = .allocate(capacity: Int(ZYDIS_MAX_OPERAND_COUNT))
    unsafe operands.initialize(repeating: ZydisDecodedOperand(), count: Int(ZYDIS_MAX_OPERAND_COUNT))
    // These fail for arguments that do not exist only.
    unsafe ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)
    unsafe ZydisFormatterInit(formatter, ZYDIS_FORMATTER_STYLE_INTEL)
    unsafe ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_FORCE_RELATIVE_RIPREL, 1)
    // Zydis leaves the size out where it seems obvious, of "inc [r12+0x10]" too.
    unsafe ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_FORCE_SIZE, 1)
    unsafe ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, 0)
    for padding in [
      ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, ZYDIS_FORMATTER_PROP_ADDR_PADDING_RELATIVE,
      ZYDIS_FORMATTER_PROP_DISP_PADDING, ZYDIS_FORMATTER_PROP_IMM_PADDING,
    ] {
      unsafe ZydisFormatterSetProperty(formatter, padding, 0)
    }
    renamed = RenamedMnemonic.table
  }

  deinit {
    unsafe decoder.deallocate()
    unsafe formatter.deallocate()
    unsafe instruction.deallocate()
    unsafe operands.deallocate()
  }

  /// Decodes what stands at `offset` in `code`, which lies at `address`, and formats it.
  ///
  /// - Precondition: `offset` is one of an element of `code`.
  package func decode(_ code: [UInt8], at offset: Int, address: UInt64) -> DecodedInstruction {
    precondition(code.indices.contains(offset))
    let status = unsafe code.withUnsafeBytes { bytes in
      unsafe ZydisDecoderDecodeFull(
        decoder, bytes.baseAddress?.advanced(by: offset), bytes.count - offset, instruction, operands)
    }
    guard Self.isSuccess(status) else { return undecodable() }
    let visible = unsafe instruction.pointee.operand_count_visible
    let formatted = unsafe text.withUnsafeMutableBytes { buffer in
      unsafe ZydisFormatterFormatInstruction(
        formatter, instruction, operands, visible, buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
        buffer.count, address, nil)
    }
    guard Self.isSuccess(formatted) else { return undecodable() }
    textCount = text.firstIndex(of: 0) ?? 0
    if let name = unsafe renamed[Int(instruction.pointee.mnemonic.rawValue)] { rename(name) }
    let length = Int(unsafe instruction.pointee.length)
    let mnemonic = unsafe instruction.pointee.mnemonic
    return DecodedInstruction(
      length: length, isValid: true, isPadding: mnemonic == ZYDIS_MNEMONIC_NOP || mnemonic == ZYDIS_MNEMONIC_INT3,
      target: target(operands: Int(visible), next: address &+ UInt64(length)))
  }

  /// What a rip-relative operand of the last instruction means, where the following one starts at `next`.
  private func target(operands count: Int, next: UInt64) -> UInt64? {
    for index in 0..<count {
      let type = unsafe operands[index].type
      if type == ZYDIS_OPERAND_TYPE_IMMEDIATE, unsafe operands[index].imm.is_relative != 0 {
        return unsafe next &+ operands[index].imm.value.u
      }
      if type == ZYDIS_OPERAND_TYPE_MEMORY, unsafe operands[index].mem.base == ZYDIS_REGISTER_RIP {
        return unsafe next &+ UInt64(bitPattern: operands[index].mem.disp.value)
      }
    }
    return nil
  }

  /// One byte that is no instruction.
  package func undecodable() -> DecodedInstruction {
    let bad = Array("(bad)".utf8)
    text.replaceSubrange(0..<bad.count, with: bad)
    textCount = bad.count
    return DecodedInstruction(length: 1, isValid: false, isPadding: false, target: nil)
  }

  /// Puts the GNU tools' name of an instruction in the place of Zydis's, which follows prefixes.
  private func rename(_ name: RenamedMnemonic) {
    var start = 0
    while start + name.zydis.count <= textCount {
      if text[start..<start + name.zydis.count].elementsEqual(name.zydis) {
        let end = start + name.zydis.count
        // In place: the buffer keeps its size.
        for index in name.gnu.indices { text[start + index] = name.gnu[index] }
        let shift = name.zydis.count - name.gnu.count
        if shift > 0 { for index in end..<textCount { text[index - shift] = text[index] } }
        textCount -= shift
        return
      }
      // On to the next word.
      guard let space = text[start..<textCount].firstIndex(of: UInt8(ascii: " ")) else { return }
      start = space + 1
    }
  }

  private static func isSuccess(_ status: ZyanStatus) -> Bool { status & 0x8000_0000 == 0 }
}

/// An instruction that Zydis calls otherwise than the GNU tools do. The other name is never the longer one.
private struct RenamedMnemonic {
  var zydis: [UInt8]
  var gnu: [UInt8]

  /// By Zydis's number.
  static let table: [RenamedMnemonic?] = {
    // Intel's tables give each condition two or three names, of which Zydis and binutils chose differently.
    let conditions = [("nb", "ae"), ("z", "e"), ("nz", "ne"), ("nbe", "a"), ("nl", "ge"), ("nle", "g")]
    var names: [String: String] = [:]
    for (zydis, gnu) in conditions {
      for family in ["j", "set", "cmov"] { names[family + zydis] = family + gnu }
    }
    return (0...ZYDIS_MNEMONIC_MAX_VALUE.rawValue).map { number in
      guard let text = unsafe ZydisMnemonicGetString(ZydisMnemonic(rawValue: number)) else { return nil }
      let zydis = unsafe String(cString: text)
      return names[zydis].map { RenamedMnemonic(zydis: Array(zydis.utf8), gnu: Array($0.utf8)) }
    }
  }()
}
