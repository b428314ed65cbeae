import Testing

@testable import FiberInspection

@Suite struct DemanglingTests {
  @Test(arguments: [
    ("$s4main5outeryyF", "outer()"),
    ("$s4main1SV3runyS2iF", "S.run(_:)"),
    // As its C entry, which swiftc calls an Objective-C thunk.
    ("$s4main10fiberEntryyyFTo", "fiberEntry()"),
    // Closures at the top level of a module.
    ("$s4mainyyXEfU_", "closure #1"),
    ("$s4mainyyXEfU23_", "closure #25"),
    ("$s4mainyyXEfU_yyXEfU0_", "closure #2 in closure #1"),
    ("_ZN3foo3barEiPKc", "foo::bar(int, char const*)"),
    ("_ZNSt6vectorIiSaIiEE9push_backEOi", "std::vector<int, std::allocator<int> >::push_back(int&&)"),
    ("_RNvC6_123foo3bar", "123foo::bar"),
    ("_ZN4core3fmt5Write9write_fmt17h1234567890abcdefE", "core::fmt::Write::write_fmt"),
  ])
  func namesOfEachLanguageBecomeReadable(_ mangled: String, _ expected: String) {
    #expect(demangled(mangled) == expected)
  }

  @Test(arguments: ["", "main", "$", "$s", "_Z", "_R", "_T0", "$sNotAName", "_ZN", "$s\u{ff}\u{1}", "__clone3"])
  func otherNamesStayAsTheyAre(_ name: String) {
    #expect(demangled(name) == name)
  }

  /// Each substitution repeats the type so far: 200 levels would make 2^200 bytes.
  @Test func aSwiftNameThatDoublesItselfIsGivenUp() {
    var type = "SDySSSSG"
    for level in 0..<200 {
      type = "SDy" + type + (level < 26 ? "A" + String(UnicodeScalar(UInt8(65 + level))) : "A\(level - 26)_") + "G"
    }
    #expect(demangled("$s\(type)D") == "$s\(type)D")
  }

  @Test func aSwiftNameWithManyHarmlessSubstitutionsIsStillReadable() {
    // (Array<Int>, Array<Int>, ...): "AB" is the array each time.
    let name = "$sSaySiG_" + String(repeating: "AB", count: 40) + "tD"
    let text = demangled(name)
    #expect(text == name || text.hasPrefix("([Int]"))
  }

  /// Template arguments that refer to themselves twice a level.
  @Test func aCppNameThatDoublesItselfIsGivenUp() {
    var name = "_Z1fI"
    var previous = "1xIiiE"
    for level in 0..<60 { previous = "1xI\(previous)S\(level == 0 ? "" : String(level - 1, radix: 36).uppercased())_E" }
    name += previous + "EvT_"
    #expect(demangled(name).utf8.count <= 65536)
  }

  @Test func deepNestingIsGivenUpWithoutExhaustingTheStack() {
    for name in [
      "_Z1f" + String(repeating: "P", count: 16000) + "i", "_Z" + String(repeating: "N", count: 16000),
      "_RNv" + String(repeating: "NvC", count: 4000), "$s" + String(repeating: "Say", count: 5000) + "Si",
      "$s" + String(repeating: "y", count: 16000), String(repeating: "_Z", count: 20000),
    ] {
      #expect(demangled(name).utf8.count <= 65536)
    }
  }
}
