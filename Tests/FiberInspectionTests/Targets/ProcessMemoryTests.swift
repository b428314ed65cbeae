import Glibc
import TestSupport
import Testing

@testable import FiberInspection

/// How memory of a process is found and copied, on this process itself.
@Suite struct ProcessMemoryTests {
  /// Pages of this process's memory that read as their index, all of them touched unless left out; unmapped at the end.
  private final class Pages {
    let range: Range<UInt64>

    init(_ count: Int, touched: [Int]) throws {
      let start = unsafe try #require(
        mmap(nil, count * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
      // One huge page would make all of them present at once.
      unsafe #expect(madvise(start, count * 4096, MADV_NOHUGEPAGE) == 0)
      for page in touched { unsafe start.storeBytes(of: UInt64(page), toByteOffset: page * 4096, as: UInt64.self) }
      let low = UInt64(UInt(bitPattern: start))
      range = low..<low + UInt64(count * 4096)
    }

    func page(_ index: Int) -> UInt64 { range.lowerBound + UInt64(index) * 4096 }

    func protect(_ index: Int) {
      let address = unsafe UnsafeMutableRawPointer(bitPattern: UInt(page(index)))
      unsafe #expect(mprotect(address, 4096, PROT_NONE) == 0)
    }

    deinit { unsafe _ = munmap(UnsafeMutableRawPointer(bitPattern: UInt(range.lowerBound)), range.count) }
  }

  @Test func unreadablePagesAreLeftOutAndTheRestCopied() throws {
    let pages = try Pages(8, touched: Array(0..<8))
    for index in [0, 3, 4, 7] { pages.protect(index) }
    let memory = try ProcessMemory(thread: getpid()).copy([
      pages.range.lowerBound + 8..<pages.page(2), pages.page(2) + 8..<pages.range.upperBound,
    ])
    #expect(memory.word(at: pages.page(1)) == 1)
    #expect(memory.word(at: pages.page(2)) == nil)
    for index in [5, 6] { #expect(memory.word(at: pages.page(index)) == UInt64(index)) }
    for index in [0, 3, 4, 7] { #expect(memory.word(at: pages.page(index) + 16) == nil) }
    #expect(memory.bytes(at: pages.page(5), count: 1 << 20).count == 8192)
    #expect(memory.size == 4096 + 4088 + 8192)
    #expect(memory.word(at: .max) == nil && memory.word(at: 0) == nil)
  }

  @Test func thousandsOfRangesAreCopiedWhole() throws {
    let pages = try Pages(64, touched: Array(0..<64))
    let ranges = (0..<64 * 64).map {
      pages.range.lowerBound + UInt64($0) * 64..<pages.range.lowerBound + UInt64($0) * 64 + 8
    }
    let memory = try ProcessMemory(thread: getpid()).copy(ranges)
    #expect(
      ranges.allSatisfy { memory.word(at: $0.lowerBound) == ProcessMemory(thread: getpid()).word(at: $0.lowerBound) })
    #expect(memory.size == ranges.count * 8)
  }

  @Test func onlyPagesThatExistArePresent() throws {
    let pages = try Pages(64, touched: [3, 4, 40])
    let map = try PageMap(thread: getpid())
    let present = try #require(map.present(in: pages.page(0) + 8..<pages.page(40) + 100))
    #expect(present == [pages.page(3)..<pages.page(5), pages.page(40)..<pages.page(40) + 100])
  }

  @Test func aProcessThatIsGoneIsAnError() {
    #expect(throws: SystemError(number: ESRCH)) { try ProcessMemory(thread: 0x3f_ffff).copy([0x1000..<0x2000]) }
  }

  @Test func mappingsAreParsedAsTheKernelWritesThem() {
    let text = """
      55d0c0000000-55d0c0001000 r-xp 00001000 fe:01 1234                       /usr/bin/a b (deleted)
      55d0c0001000-55d0c0002000 ---p 00000000 00:00 0\u{20}
      7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
      not a mapping
      7f0000000000-7f0000001000 rw-s 00000000 00:01 7                          /tmp/new\\012line
      ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
      """
    let maps = ProcessMaps(parsing: Array(text.utf8))
    #expect(maps.mappings.map(\.path) == ["/usr/bin/a b", "", "[stack]", "/tmp/new\nline", "[vsyscall]"])
    #expect(maps.mappings[0].isDeleted && maps.mappings[0].isExecutable && !maps.mappings[0].isWritable)
    #expect(maps.mappings[0].fileOffset == 0x1000)
    #expect(maps.mappings[4].range == 0xffff_ffff_ff60_0000..<0xffff_ffff_ff60_1000)
    #expect(maps.inodes == [1234, 0, 0, 7, 0])
    #expect(maps.readable(holding: 0x55d0_c000_0fff) == maps.mappings[0].range)
    #expect(maps.readable(holding: 0x55d0_c000_1000) == nil)
  }

  @Test func linesThatAreNoMappingsNeverTrap() {
    var generator = SplitMix(state: 5)
    let alphabet = Array("0123456789abcdef-rwxp: \n/[]\\".utf8)
    for _ in 0..<5000 {
      let bytes = (0..<Int.random(in: 0...120, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator) ?? 0
      }
      let maps = ProcessMaps(parsing: bytes)
      #expect(maps.mappings.count == maps.inodes.count && maps.mappings.allSatisfy { !$0.range.isEmpty })
    }
  }
}
