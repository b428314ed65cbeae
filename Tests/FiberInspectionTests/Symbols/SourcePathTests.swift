import Testing

@testable import FiberInspection

@Suite struct SourcePathTests {
  @Test(arguments: [
    ("./posix/../sysdeps/unix/pause.c", "sysdeps/unix/pause.c"), ("/a/b/../../c.c", "/c.c"), ("/a//./b.c", "/a/b.c"),
    ("../x.c", "../x.c"), ("../../x.c", "../../x.c"), ("a.c", "a.c"), ("/", "/"),
  ])
  func dotsAreResolvedByName(_ path: String, _ expected: String) {
    #expect(normalized(path) == expected)
  }
}
