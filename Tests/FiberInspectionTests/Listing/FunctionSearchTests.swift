import TestSupport
import Testing

@testable import CallFrameInfo
@testable import FiberInspection

@Suite struct FunctionSearchTests {
  /// Names of the functions that a name leads to.
  private func found(_ name: String) throws -> [String] {
    let file = try ListedFile(path: ListingFixture.program())
    return try FunctionSearch(name, in: file).ranges().map { range in
      try #require(file.symbols.symbol(at: range.lowerBound)?.name)
    }
  }

  private func failure(_ name: String) throws -> FunctionSearchFailure {
    let file = try ListedFile(path: ListingFixture.program())
    return try #require(throws: FunctionSearchFailure.self) { try FunctionSearch(name, in: file).ranges() }
  }

  @Test func aFunctionComesWithItsColdPart() throws {
    #expect(try found("framed") == ["framed", "framed.cold"])
    #expect(try found("framed.cold") == ["framed.cold"])
  }

  @Test(arguments: ["_ZN4shop4Till4ringEi", "shop::Till::ring(int)", "shop::Till::ring", "ring", "Till::r"])
  func aFunctionIsFoundByAnyFormOfItsName(_ name: String) throws {
    #expect(try found(name) == ["shop::Till::ring(int)"])
  }

  @Test func aFullNameDecidesBeforeAPart() throws {
    // "data" is a part of no other, "inside" neither; "bare" is whole though a part would do.
    #expect(try found("bare") == ["bare"])
  }

  @Test func anAmbiguousPartListsTheCandidates() throws {
    let failure = try failure("twin")
    #expect(failure.error.text.hasPrefix("2 functions match twin"))
    #expect(failure.error.category == .invalidTarget)
    #expect(failure.candidates.count == 2)
    #expect(failure.candidates.first?.hasSuffix(" twin_one") == true)
  }

  @Test func anUnknownNameProposesNearOnes() throws {
    let failure = try failure("famed")
    #expect(failure.error.text.hasPrefix("no function is called famed"))
    #expect(failure.candidates.contains("framed"))
    #expect(try self.failure("nothing_like_this_is_there").candidates == [])
  }

  @Test func aFileWithDynamicNamesAloneSaysSo() throws {
    let directory = try TemporaryDirectory()
    let (whole, stripped) = (directory.file("whole.so"), directory.file("stripped.so"))
    try directory.write("int framed(void) { return 1; }\n", to: "framed.c")
    let linked = try run("/usr/bin/gcc", ["-shared", "-fPIC", "-o", whole, directory.file("framed.c")])
    try #require(linked.status == 0, "\(linked.output)")
    try #require(try run("/usr/bin/strip", ["-o", stripped, whole]).status == 0)
    func failure(_ path: String) throws -> FunctionSearchFailure {
      let file = try ListedFile(path: path)
      return try #require(throws: FunctionSearchFailure.self) { try FunctionSearch("famed", in: file).ranges() }
    }
    #expect(try !failure(whole).error.text.contains("dynamic names"))
    let text = try failure(stripped).error.text
    #expect(text.hasPrefix("no function is called famed among its dynamic names, and it has no others: "))
    #expect(text.contains("--address"))
  }

  @Test func distancesAreThoseOfDamerauAndLevenshtein() {
    func distance(_ first: String, _ second: String) -> Int {
      NearNames.distance(Array(first.utf8), Array(second.utf8))
    }
    #expect(distance("kitten", "sitting") == 3)
    #expect(distance("qsrot", "qsort") == 1)
    #expect(distance("", "abc") == 3)
    #expect(distance("same", "same") == 0)
  }

  @Test func componentsAreFoundOutsideOfBrackets() {
    #expect(withoutParameters("std::vector<f(int)>::at(unsigned long) const") == "std::vector<f(int)>::at")
    #expect(lastComponent("std::map<a::b, c>::find") == "find")
    #expect(lastComponent("Fiber.resume") == "resume")
    #expect(lastComponent("plain") == "plain")
  }
}
