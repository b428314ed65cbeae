import Foundation
import TestSupport
import Testing

@testable import FiberInspection

@Suite struct OtherFormatTests {
  private func message(_ path: String) throws -> String {
    try #require(throws: InspectionError.self) { try ListedFile(path: path) }.text
  }

  @Test(arguments: [
    ("!<arch>\n", "an archive, not an ELF file: extract its members by ar x"), ("!<thin>\n", "a thin archive"),
    ("#!/bin/sh\nexit\n", "a script"), ("/* GNU ld script\n*/\n", "a linker script"),
    ("!<arch>", "not an ELF file: it does not start as one does"), ("x", "not an ELF file"), ("", "an empty file"),
  ])
  func aFileOfAnotherFormatIsCalledByItsName(_ contents: String, _ words: String) throws {
    let directory = try TemporaryDirectory()
    try directory.write(contents, to: "file")
    #expect(try message(directory.file("file")).hasPrefix(words))
  }

  @Test func aRealArchiveIsOne() throws {
    let directory = try TemporaryDirectory()
    for (options, words) in [("rc", "an archive"), ("rcT", "a thin archive")] {
      let archive = directory.file("\(options).a")
      let result = try run("/usr/bin/ar", [options, archive, ListingFixture.object()])
      try #require(result.status == 0, "\(result.output)")
      #expect(try message(archive).hasPrefix(words))
    }
  }

  @Test func aCoreIsOne() throws {
    let directory = try TemporaryDirectory()
    let core = try CoreMaker.kernel.make(of: "states", program: FiberProgram.path(), in: directory)
    #expect(try message(core) == "a core, expected a program, a shared object or an object file")
  }
}
