import Testing

@testable import CallFrameInfo
@testable import FiberInspection

@Suite struct RegistryLocationTests {
  @Test func noMoreRegistriesAreLookedAtThanAProcessCanHave() throws {
    // Notes of the name "FiberTrace", each at another distance from its head.
    let sizes: [UInt8] = [11, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0]
    let note = sizes + Array("FiberTrace\0\0".utf8) + [0, 0, 0, 1, 0, 0, 0, 0]
    let notes = [[UInt8]](repeating: note, count: 300).flatMap { $0 }
    var header = [UInt8](repeating: 0, count: Int(ProgramHeader.size))
    header[0] = 4
    for index in 0..<8 {
      header[16 + index] = UInt8(truncatingIfNeeded: UInt64(0x1000) >> (8 * index))
      header[32 + index] = UInt8(truncatingIfNeeded: notes.count >> (8 * index))
    }
    let segment = try #require(ProgramHeader(header, at: 0))
    let module = Module(path: "/made/up", range: 0x1000..<0x9000, bias: 0, buildID: nil, image: .missing(reason: ""))
    let (found, problems) = RegistryLocation.all(
      in: [FoundModule(module: module, segments: [segment])], memory: FakeMemory([(0x1000, notes)]))
    #expect(found.count == 256)
    #expect(problems.map(\.description) == ["there are 300 fiber registries: the first 256 alone are shown"])
  }
}
