private import CFuzzer
internal import CallFrameInfo

/// Bytes a case may have allocated at once: a multiple of its size, and what the smallest needs.
private func limit(of count: Int) -> Int { 64 * count + 1 << 20 }

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
  let most = fuzzer_memory_end()
  if most > limit(of: count) { unsafe fuzzer_fail("\(most) bytes of memory for a case of \(count)") }
  return 0
}

private func read(_ bytes: [UInt8], as kind: UInt8) {
  switch kind % 4 {
  case 0: readFrames([CallFrameSection(.ehFrame, source: "case", bytes: bytes, address: 0x1000, textBase: 0x2000)])
  case 1: readFrames([CallFrameSection(.debugFrame, source: "case", bytes: bytes, address: 0)])
  case 2: readSearchTable(bytes, address: 0x3000)
  default: evaluate(bytes)
  }
}

/// Ends the case as a crash unless `condition` holds.
func require(_ condition: Bool, _ property: StaticString) {
  if !condition { unsafe fuzzer_fail("\(property)") }
}
