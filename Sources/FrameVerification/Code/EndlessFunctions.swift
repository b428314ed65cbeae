/// Functions that never return, by the names under which their libraries declare so (`noreturn`, `-> Never`, `-> !`).
enum EndlessFunctions {
  /// Whether a function of this name, as it is in a symbol table, is declared never to return. O(length of the name).
  static func contains(_ rawName: String) -> Bool {
    // A version of the symbol may follow: exit@GLIBC_2.2.5.
    guard let end = rawName.utf8.firstIndex(of: UInt8(ascii: "@")) else { return isEndless(rawName) }
    return isEndless(String(rawName[..<end]))
  }

  private static func isEndless(_ name: String) -> Bool {
    if names.contains(name) { return true }
    if name.hasPrefix("_Z") { return throwsOnly(name) || hasPrefix(name, rustPrefixes) }
    if name.hasPrefix("_R") { return rustParts.contains { name.contains($0) } }
    if name.hasPrefix("$s") { return hasPrefix(name, swiftPrefixes) }
    return hasPrefix(name, prefixes)
  }

  private static func hasPrefix(_ name: String, _ prefixes: [String]) -> Bool {
    prefixes.contains { name.hasPrefix($0) }
  }

  /// std::__throw_… of libstdc++ and libc++: a namespace, the length of the name, the name.
  private static func throwsOnly(_ name: String) -> Bool {
    guard let space = ["_ZSt", "_ZN9__gnu_cxx", "_ZNSt3__1"].first(where: { name.hasPrefix($0) }) else { return false }
    return name.utf8.dropFirst(space.utf8.count).drop { (0x30...0x39).contains($0) }.starts(with: "__throw_".utf8)
  }

  private static let names: Set<String> = [
    // C
    "abort", "exit", "_exit", "_Exit", "quick_exit", "__assert_fail", "__assert_perror_fail", "__assert",
    "longjmp", "_longjmp", "siglongjmp", "__longjmp_chk", "__libc_longjmp", "__libc_siglongjmp", "____longjmp_chk",
    "__longjmp", "pthread_exit", "__pthread_exit", "thrd_exit", "err", "errx", "verr", "verrx", "__stack_chk_fail",
    "__stack_chk_fail_local", "__fortify_fail", "__chk_fail", "__libc_fatal", "__libc_start_main",
    "__libc_start_call_main", "__GI_abort", "__GI_exit", "__GI__exit", "__pthread_unwind", "__pthread_unwind_next",
    "__do_cancel", "_dl_signal_error", "_dl_signal_exception", "_dl_fatal_printf", "__libc_unwind_longjmp",
    "__malloc_assert",
    // C++
    "_ZSt9terminatev", "__cxa_throw", "__cxa_rethrow", "__cxa_bad_cast", "__cxa_bad_typeid",
    "__cxa_throw_bad_array_new_length", "__cxa_throw_bad_array_length", "__cxa_pure_virtual", "__cxa_deleted_virtual",
    "__cxa_call_unexpected", "__cxa_call_terminate", "__clang_call_terminate", "_ZSt10unexpectedv",
    "_ZSt17rethrow_exceptionNSt15__exception_ptr13exception_ptrE", "_ZSt21__glibcxx_assert_failPKciS0_S0_",
    "_ZN10__cxxabiv111__terminateEPFvvE", "_ZN10__cxxabiv112__unexpectedEPFvvE",
    "_ZN9__gnu_cxx27__verbose_terminate_handlerEv", "_Unwind_Resume",
    // Python, Perl, GLib, gnulib, libpng, Lua, OpenSSL
    "Py_FatalError", "_Py_FatalErrorFunc", "_Py_FatalErrorFormat", "Py_Exit", "_Py_FatalRefcountErrorFunc",
    "Perl_croak", "Perl_croak_nocontext", "Perl_croak_sv", "Perl_croak_xs_usage", "Perl_croak_memory_wrap",
    "Perl_croak_no_modify", "Perl_my_exit", "Perl_my_failure_exit", "g_assertion_message",
    "g_assertion_message_expr", "g_assertion_message_cmpint", "g_assertion_message_cmpnum",
    "g_assertion_message_cmpstr", "g_assertion_message_cmpstrv", "g_assertion_message_error", "g_abort",
    "g_thread_exit", "xalloc_die", "png_error", "png_chunk_error", "lua_error", "luaL_error", "luaL_argerror",
    "luaL_typeerror", "OPENSSL_die",
    // Swift
    "swift_unexpectedError", "swift_deletedMethodError", "swift_deletedAsyncMethodErrorTu", "swift_dynamicCastFailure",
    "swift_errorInMain", "swift_abortDynamicReplacementDisabling", "swift_abortRetainOverflow",
    "swift_abortRetainUnowned", "swift_abortUnownedRetainOverflow", "swift_abortWeakRetainOverflow",
    // LLVM
    "_ZN4llvm25llvm_unreachable_internalEPKcS1_j", "_ZN4llvm18report_fatal_errorEPKcb",
    "_ZN4llvm18report_fatal_errorERKNS_5TwineEb", "_ZN4llvm18report_fatal_errorENS_9StringRefEb",
    "_ZN4llvm22report_bad_alloc_errorEPKcb",
    // Rust
    "rust_begin_unwind", "rust_panic",
  ]

  /// Ada's, Fortran's.
  private static let prefixes = [
    "__gnat_raise_", "__gnat_rcheck_", "_gfortran_stop_", "_gfortran_error_stop_", "_gfortran_runtime_error",
    "_gfortran_os_error",
  ]

  /// Of the standard library, before labels and types.
  private static let swiftPrefixes = ["$ss17_assertionFailure", "$ss18_fatalErrorMessage"]

  /// Of `core`, `alloc` and `std`, mangled in the old way; a hash follows.
  private static let rustPrefixes = [
    "_ZN4core9panicking", "_ZN3std9panicking11begin_panic", "_ZN3std9panicking19begin_panic_handler",
    "_ZN3std9panicking20rust_panic_with_hook", "_ZN5alloc5alloc18handle_alloc_error",
    "_ZN5alloc7raw_vec17capacity_overflow", "_ZN5alloc7raw_vec12handle_error", "_ZN4core6option13expect_failed",
    "_ZN4core6option13unwrap_failed", "_ZN4core6result13unwrap_failed",
    "_ZN4core5slice5index26slice_start_index_len_fail", "_ZN4core5slice5index24slice_end_index_len_fail",
    "_ZN4core5slice5index22slice_index_order_fail", "_ZN4core5slice5index31slice_start_index_overflow_fail",
    "_ZN4core5slice5index29slice_end_index_overflow_fail", "_ZN4core3str16slice_error_fail",
    "_ZN4core4cell22panic_already_borrowed", "_ZN4core4cell30panic_already_mutably_borrowed",
    "_ZN3std7process5abort", "_ZN3std7process4exit",
  ]

  /// The same in names mangled in the new way, where a hash of the crate stands before them.
  private static let rustParts = [
    "4core9panicking5panic", "4core9panicking9panic_fmt", "4core9panicking18panic_bounds_check",
    "4core6option13expect_failed", "4core6option13unwrap_failed", "4core6result13unwrap_failed",
    "5alloc5alloc18handle_alloc_error", "5alloc7raw_vec17capacity_overflow", "5alloc7raw_vec12handle_error",
    "3std9panicking11begin_panic", "3std7process5abort", "3std7process4exit",
  ]
}
