/// What a file is that is no ELF file, by its first bytes, and what to name instead.
enum OtherFormat {
  /// The first bytes that tell, and a sentence for messages. People meet them where they look for libraries.
  private static let formats: [(start: String, sentence: String)] = [
    ("!<arch>\n", "an archive, not an ELF file: extract its members by ar x, and name one of them"),
    ("!<thin>\n", "a thin archive, not an ELF file: its members are files, which ar t lists; name one of them"),
    ("/* GNU ld script", "a linker script, not an ELF file: name one of the libraries in it"),
    ("#!", "a script, not an ELF file: name the program that its first line runs, or one that it runs itself"),
  ]

  /// How many bytes tell.
  static var size: UInt64 { UInt64(formats.map(\.start.utf8.count).max() ?? 0) }

  /// - Parameter first: the first `size` bytes of a file, or all of a smaller one.
  static func sentence(first: [UInt8]) -> String {
    formats.first { first.starts(with: $0.start.utf8) }?.sentence ?? "not an ELF file: it does not start as one does"
  }
}
