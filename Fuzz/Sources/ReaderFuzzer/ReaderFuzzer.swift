private import CFuzzer
internal import CallFrameInfo
internal import FrameVerification

/// Bytes a case may have allocated at once: a multiple of its size, what the smallest needs, and what states that call frame
/// instructions remember take (see `allow(states:)`).
private func limit(of count: Int) -> Int { 64 * count + 1 << 17 + fuzzer_memory_allowance() }

/// Allows the memory of remembered states: an instruction of one byte remembers the rules of up to 256 registers, and a walk of one
/// FDE holds up to `Rows.deepestState` states, in an array that is copied as it grows.
func allow(states: Int) {
  fuzzer_memory_allow(3 * min(states, Rows.deepestState) * (MemoryLayout<Row>.stride + 256 * 32))
}

/// Allows the memory of findings: themselves, a copy in an array that grows, places to sort them by, and their texts.
func allow(findings: Int) { fuzzer_memory_allow(findings * (3 * MemoryLayout<Finding>.stride + 512)) }

/// Allows the memory of instructions that are followed: what is known before each of them, if it begins a block, as it stands and
/// once more where the way there contradicts the row.
func allow(instructions: Int) { fuzzer_memory_allow(instructions * 4096) }

/// One case: an ELF file as it stands or, by the first byte, what is inside of one.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
  guard let first = bytes.first else { return 0 }
  fuzzer_memory_begin()
  if first == 0x7f {
    readFile(bytes)
  } else {
    read(Array(bytes.dropFirst()), as: first)
  }
  let most = fuzzer_memory_end(count)
  if most > limit(of: count) { unsafe fuzzer_fail("\(most) bytes of memory for a case of \(count)") }
  return 0
}

private func read(_ bytes: [UInt8], as kind: UInt8) {
  switch kind % 5 {
  case 0: readFrames([CallFrameSection(.ehFrame, source: "case", bytes: bytes, address: 0x1000, textBase: 0x2000)])
  case 1: readFrames([CallFrameSection(.debugFrame, source: "case", bytes: bytes, address: 0)])
  case 2: readSearchTable(bytes, address: 0x3000)
  case 3: evaluate(bytes)
  default: checkFlow(bytes)
  }
}

/// Ends the case as a crash unless `condition` holds.
func require(_ condition: Bool, _ property: StaticString) {
  if !condition { unsafe fuzzer_fail("\(property)") }
}
