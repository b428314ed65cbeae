import TestSupport
import Testing

/// Object files made for one test.
struct CompiledObjects {
  /// A way to make one.
  struct Recipe: Sendable, CustomTestStringConvertible {
    let compiler: String
    let language: Language
    let options: [String]

    var testDescription: String { ([compiler, language.rawValue] + options).joined(separator: " ") }
  }

  enum Language: String, Sendable { case c, cpp, assembly = "S" }

  static let recipes: [Recipe] = ["gcc", "clang"].flatMap { compiler -> [Recipe] in
    [
      Recipe(compiler: compiler, language: .cpp, options: ["-O1", "-g", "-ffunction-sections"]),
      Recipe(compiler: compiler, language: .cpp, options: ["-O2", "-fPIC", "-g"]),
      Recipe(compiler: compiler, language: .cpp, options: ["-O0", "-fno-pic", "-mcmodel=large"]),
      Recipe(
        compiler: compiler, language: .c,
        options: ["-O2", "-g", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"]),
      Recipe(
        compiler: compiler, language: .c,
        options: ["-O2", "-gdwarf-4", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-ffunction-sections"]),
      Recipe(compiler: compiler, language: .assembly, options: []),
    ]
  }

  private static let sources: [Language: String] = [
    .c: """
    int twice(int x) { return 2 * x; }
    static __attribute__((noinline)) int many(int n, ...) { __builtin_va_list l; __builtin_va_start(l, n);
      int sum = 0; while (n--) sum += __builtin_va_arg(l, int); __builtin_va_end(l); return sum; }
    __attribute__((cold)) int rare(void) { char c[100]; asm volatile("" : : "r"(c)); return twice(c[3]); }
    int (*table[])(int) = {twice};
    int main(int argc, char **argv) { return argc > 1 ? many(3, 1, 2, argc) : rare() + table[0](argc); }
    """,
    .cpp: """
    struct Failure { int code; };
    template <class T> T checked(T x) { if (x > 5) throw Failure{1}; return x; }
    struct Guard { int *p; ~Guard() { ++*p; } };
    __attribute__((noinline)) int guarded(int x) { int n = 0; { Guard g{&n}; checked(x); } return n; }
    int main(int argc, char **) { try { return guarded(argc) + int(checked(1.5)); } catch (Failure &f) { return f.code; } }
    """,
    .assembly: """
      .text
      .globl main
      .type main, @function
    main:
      .cfi_startproc
      push %rbp
      .cfi_def_cfa_offset 16
      .cfi_offset %rbp, -16
      pop %rbp
      .cfi_def_cfa_offset 8
      ret
      .cfi_endproc
      .size main, . - main
      .section .text.kept, "axG", @progbits, kept, comdat
      .weak kept
    kept:
      ret
    1:
      .section .eh_frame.kept, "aG", @progbits, kept, comdat
      .long kept - ., 1b - .
      .long 2f - ., 0
      .quad kept, 1b - kept
    2:
      .section .note.GNU-stack, "", @progbits
    """,
  ]

  /// The object's path.
  static func make(_ recipe: Recipe, in directory: TemporaryDirectory) throws -> String {
    let source = try directory.write((sources[recipe.language] ?? "") + "\n", to: "source.\(recipe.language.rawValue)")
    let object = directory.file("object.o")
    try SystemTool.run(
      SystemTool.path(of: recipe.compiler), recipe.options + ["-c", source, "-o", object])
    return object
  }
}
