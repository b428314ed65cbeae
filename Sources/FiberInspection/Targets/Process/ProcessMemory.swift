internal import CProcess
internal import Glibc

/// The memory of a live process, by process_vm_readv: a read may fail at any time as the process may end.
package struct ProcessMemory: MemoryReader {
  /// A thread of the process.
  package let thread: Int32

  package init(thread: Int32) { self.thread = thread }

  package func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard unsafe !buffer.isEmpty, let start = buffer.baseAddress else { return 0 }
    // A range that wraps would be refused as a whole.
    let size = min(UInt64(buffer.count), UInt64.max - address)
    var range = ft_remote_range(address: address, size: size)
    return max(0, unsafe ft_memory_gather(thread, &range, 1, start, buffer.count))
  }

  /// Copies ranges with as few system calls as possible: 1,024 ranges a call, and another for each page that cannot be read.
  ///
  /// - Parameter ranges: by ascending address, disjoint.
  /// - Throws: what process_vm_readv failed with as a whole: ESRCH when the process has ended, EPERM.
  func copy(_ ranges: [Range<UInt64>]) throws(SystemError) -> CopiedMemory {
    let size = ranges.reduce(0 as UInt64) { $0.saturatingAdding($1.upperBound - $1.lowerBound) }
    let arena = MemoryArena(byteCount: Int(clamping: size))
    guard size > 0, let start = unsafe arena.bytes.baseAddress else { return CopiedMemory(areas: [], arenas: []) }
    var areas: [CopiedMemory.Area] = []
    areas.reserveCapacity(ranges.count)
    var offset = 0
    var next = 0
    // What is left of a range behind an unreadable page.
    var rest: Range<UInt64>?
    while next < ranges.count || rest != nil {
      var batch: [Range<UInt64>] = []
      if let rest { batch.append(rest) }
      rest = nil
      var batchSize: UInt64 = batch.first.map { $0.upperBound - $0.lowerBound } ?? 0
      // One call moves at most 2 GiB.
      while next < ranges.count, batch.count < 1024, batch.isEmpty || batchSize < 1 << 28 {
        batch.append(ranges[next])
        batchSize += ranges[next].upperBound - ranges[next].lowerBound
        next += 1
      }
      var copied = try gather(batch, into: arena, at: offset)
      for (index, range) in batch.enumerated() {
        let count = min(UInt64(copied), range.upperBound - range.lowerBound)
        if count > 0 {
          let known = range.lowerBound..<range.lowerBound + count
          unsafe areas.append(CopiedMemory.Area(range: known, copy: UnsafeRawPointer(start + offset)))
          offset += Int(count)
          copied -= Int(count)
        }
        if known(range, count) { continue }
        let pageEnd = ((range.lowerBound + count) | 4095).saturatingAdding(1)
        if pageEnd < range.upperBound { rest = pageEnd..<range.upperBound }
        next -= batch.count - 1 - index
        break
      }
    }
    return CopiedMemory(areas: areas, arenas: [arena])
  }

  private func known(_ range: Range<UInt64>, _ count: UInt64) -> Bool { count == range.upperBound - range.lowerBound }

  /// One process_vm_readv. Answers the number of bytes copied, which is 0 if the first page cannot be read.
  private func gather(_ batch: [Range<UInt64>], into arena: MemoryArena, at offset: Int) throws(SystemError) -> Int {
    let remote = batch.map { ft_remote_range(address: $0.lowerBound, size: $0.upperBound - $0.lowerBound) }
    let count = unsafe remote.withUnsafeBufferPointer { remote in
      let target = unsafe UnsafeMutableRawBufferPointer(rebasing: arena.bytes[offset...])
      guard let first = remote.baseAddress, let start = target.baseAddress else { return 0 }
      return unsafe ft_memory_gather(thread, first, remote.count, start, target.count)
    }
    if count == -Int(EFAULT) { return 0 }
    if count < 0 { throw SystemError(number: Int32(clamping: -count)) }
    return count
  }
}
