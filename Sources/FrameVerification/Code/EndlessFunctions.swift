/// Functions that never return, by the names their libraries declare so: in glibc's, libstdc++'s, libgcc's, the Swift and Rust runtimes' headers
/// and sources.
enum EndlessFunctions {
  /// Whether a function of this name, as it is in a symbol table, is declared never to return.
  static func contains(_ rawName: String) -> Bool {
    // glibc's versions of symbols, and parts of functions.
    let name = rawName.prefix { $0 != "@" }
    return names.contains(String(name)) || prefixes.contains { name.hasPrefix($0) }
  }

  private static let names: Set<String> = [
    // C
    "abort", "exit", "_exit", "_Exit", "quick_exit", "__assert_fail", "__assert_perror_fail", "__assert", "longjmp",
    "_longjmp", "siglongjmp", "__longjmp_chk", "__libc_longjmp", "__libc_siglongjmp", "____longjmp_chk", "__longjmp",
    "pthread_exit", "__pthread_exit", "thrd_exit", "err", "errx", "verr", "verrx", "__stack_chk_fail",
    "__stack_chk_fail_local", "__fortify_fail", "__chk_fail", "__libc_fatal", "__libc_message", "__libc_start_main",
    "__libc_start_call_main", "__GI_abort", "__GI_exit", "__GI__exit", "__pthread_unwind", "__pthread_unwind_next",
    "__do_cancel", "_dl_signal_error", "_dl_signal_exception", "_dl_fatal_printf", "__libc_unwind_longjmp",
    "__malloc_assert",
    // C++
    "_ZSt9terminatev", "__cxa_throw", "__cxa_rethrow", "__cxa_bad_cast", "__cxa_bad_typeid",
    "__cxa_throw_bad_array_new_length", "__cxa_throw_bad_array_length", "__cxa_pure_virtual", "__cxa_deleted_virtual",
    "__cxa_call_unexpected", "__cxa_call_terminate", "__clang_call_terminate", "_ZSt10unexpectedv",
    "_ZSt15rethrow_exceptionNSt15__exception_ptr13exception_ptrE", "_Unwind_Resume",
    // Python, GLib, gnulib
    "Py_FatalError", "_Py_FatalErrorFunc", "_Py_FatalErrorFormat", "Py_Exit", "_Py_FatalRefcountErrorFunc",
    "g_assertion_message", "g_assertion_message_expr", "g_assertion_message_cmpnum", "g_assertion_message_cmpstr",
    "g_assertion_message_error", "g_abort", "xalloc_die", "argp_failure",
    // Swift
    "swift_unexpectedError", "swift_deletedMethodError",
    "swift_deletedAsyncMethodErrorTu",
    "swift_abortRetainUnowned", "swift_dynamicCastFailure", "swift_errorInMain",
    "swift_abortDynamicReplacementDisabling",
    // LLVM
    "_ZN4llvm24llvm_unreachable_internalEPKcS1_j", "_ZN4llvm18report_fatal_errorEPKcb",
    "_ZN4llvm18report_fatal_errorERKNS_5TwineEb", "_ZN4llvm15report_bad_allocEPKcb",
    "_ZN4llvm22report_bad_alloc_errorEPKcb", "_ZN4llvm18report_fatal_errorENS_9StringRefEb",
    // Rust
    "rust_begin_unwind", "rust_panic",
  ]

  /// libstdc++'s functions that throw; Rust's that panic.
  private static let prefixes = [
    "_ZSt17__throw_bad_alloc", "_ZSt20__throw_length_error", "_ZSt19__throw_logic_error", "_ZSt24__throw_out_of_range",
    "_ZSt20__throw_out_of_range", "_ZSt24__throw_invalid_argument", "_ZSt21__throw_runtime_error",
    "_ZSt20__throw_system_error", "_ZSt25__throw_bad_function_call", "_ZSt16__throw_bad_cast",
    "_ZSt21__throw_bad_exception", "_ZSt18__throw_bad_typeid", "_ZSt28__throw_bad_array_new_length",
    "_ZSt19__throw_regex_error", "_ZSt20__throw_future_error", "_ZSt19__throw_ios_failure",
    "_ZSt22__throw_overflow_error", "_ZSt23__throw_underflow_error", "_ZSt19__throw_range_error",
    "_ZSt20__throw_domain_error", "_ZN4core9panicking", "_ZN3std9panicking11begin_panic",
    "_ZN3std9panicking20rust_panic_with_hook", "_ZN5alloc5alloc18handle_alloc_error",
    "_ZN5alloc7raw_vec17capacity_overflow", "_ZN4core6option13expect_failed", "_ZN4core6result13unwrap_failed",
    "_ZN4core5slice5index26slice_start_index_len_fail", "_ZN4core5slice5index24slice_end_index_len_fail",
    "_ZN4core5slice5index22slice_index_order_fail", "_ZN3std7process5abort", "_ZN3std7process4exit",
  ]
}
