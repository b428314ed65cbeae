import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Files that debuggers read through the stub.
@Suite struct StubFileTests {
  private let directory: TemporaryDirectory
  private var stub: DebuggerStub

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("other build", to: "library")
    try directory.write("beside", to: "private")
    try directory.write("\u{7f}ELF beside", to: "beside")
    var process = FakeProcess()
    let mapped = try OpenFile.inMemory(Array("as it was #mapped$".utf8), name: "/library")
    process.modules = [
      Module(path: "/library", range: 0x5000..<0x6000, bias: 0x5000, buildID: nil, image: .file(mapped))
    ]
    process.mappings = [
      Mapping(range: 0x5000..<0x6000, fileOffset: 0x1000, path: "/library", isWritable: false, isExecutable: true)
    ]
    process.addThread(7, sp: 0x7fff_0000, .running([], sp: 0x7fff_0000))
    stub = try DebuggerStub(
      process.snapshot, registerNotes: CoreThreadNotes(), root: directory.path, origin: .process(4711))
  }

  private mutating func answer(_ request: String) -> String {
    String(decoding: stub.reply(to: Array(request.utf8)).data ?? [], as: UTF8.self)
  }

  private mutating func open(_ path: String, flags: String = "0") -> String {
    answer("vFile:open:\(String(decoding: PacketText.hexadecimal(Array(path.utf8)), as: UTF8.self)),\(flags),1c0")
  }

  @Test mutating func aMappedFileIsTheBuildThatWasMapped() {
    #expect(answer("vFile:setfs:0") == "F0")
    #expect(open("/library") == "F1")
    #expect(answer("vFile:pread:1,100,3") == "F17;it was }\u{3}mapped}\u{4}".replacing("F17", with: "Ff"))
    #expect(answer("vFile:pread:1,2,0") == "F2;as")
    #expect(answer("vFile:pread:1,100,1000") == "F0;")
    #expect(answer("vFile:pread:1,ffffffffffffffff,ffffffffffffffff") == "F0;")
    #expect(answer("vFile:close:1") == "F0")
    #expect(answer("vFile:close:1") == "F-1,9")
    #expect(answer("vFile:pread:1,2,0") == "F-1,9")
  }

  @Test mutating func otherFilesAreLookedForBelowTheRoot() {
    #expect(open("/beside") == "F1")
    #expect(answer("vFile:pread:1,100,0") == "Fb;\u{7f}ELF beside")
    #expect(open("/nothing") == "F-1,2")
    #expect(open("just probing") == "F-1,2")
    #expect(open("/") == "F-1,d")
  }

  @Test mutating func filesThatAreNoObjectsAreNotHandedOut() throws {
    #expect(open("/private") == "F-1,d")
    let own = try DebuggerStub(
      stub.snapshot, registerNotes: CoreThreadNotes(), root: "", origin: .process(4711))
    stub = own
    // A link of /proc leads to a file elsewhere; kcore and others are files of /proc itself.
    for path in ["//proc/self/environ", "/./proc/self/maps", "/dev/../proc/self/status", "/etc/passwd"] {
      #expect(open(path) == "F-1,d", "\(path)")
    }
    #expect(open("/bin/sh") == "F1")
  }

  @Test mutating func nothingIsOpenedForWriting() {
    for flags in ["1", "2", "8", "200", "601"] { #expect(open("/beside", flags: flags) == "F-1,1e") }
    #expect(answer("vFile:pwrite:1,0,x") == "F-1,1e")
    #expect(answer("vFile:unlink:2f626573696465") == "F-1,1e")
    #expect(FileManager.default.fileExists(atPath: directory.file("beside")))
  }

  @Test mutating func mappingsAreTheSnapshotsAndNothingElseOfProcIsServed() {
    #expect(open("/proc/4711/maps") == "F1")
    #expect(
      answer("vFile:pread:1,100,0") == "F2e;5000-6000 r-xp 00001000 00:00 0 /library\n".replacing("F2e", with: "F29"))
    #expect(open("/proc/4711/task/7/maps") == "F2")
    for path in ["/proc/4711/environ", "/proc/self/maps", "/proc/1/maps", "/proc/4711/task/x/maps", "/proc/4711/smaps"]
    {
      #expect(open(path) == "F-1,2", "\(path)")
    }
  }

  @Test mutating func theSizeOfAFileIsTold() {
    #expect(open("/library") == "F1")
    let status = stub.reply(to: Array("vFile:fstat:1".utf8)).data ?? []
    #expect(String(decoding: status.prefix(4), as: UTF8.self) == "F40;")
    // st_mode 0100444 at 8, st_size at 28, big-endian; none of these bytes is escaped here.
    #expect(Array(status.dropFirst(4 + 8).prefix(4)) == [0, 0, 0x81, 0x7d])
  }

  @Test mutating func requestsWithoutTheirPartsAreInvalid() {
    for request in [
      "open", "open:", "open:2f", "open:2,0,0", "open:2f00,0,0", "pread:1", "pread:x,1,1", "close:", "fstat:",
    ] {
      let answer = answer("vFile:" + (request.contains(":") ? request : request + ":"))
      #expect(answer == "F-1,16", "\(request): \(answer)")
    }
  }
}
