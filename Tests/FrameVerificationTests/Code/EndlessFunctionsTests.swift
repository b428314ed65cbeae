import Testing

@testable import FrameVerification

@Suite struct EndlessFunctionsTests {
  @Test(arguments: [
    "abort", "exit@GLIBC_2.2.5", "__stack_chk_fail", "_ZSt20__throw_length_errorPKc",
    "_ZSt24__throw_out_of_range_fmtPKcz", "_ZSt17__throw_bad_allocv", "_ZSt9terminatev",
    "_ZNSt3__120__throw_length_errorB8ne180100EPKc", "__cxa_throw",
    "_ZN4core9panicking5panic17h0123456789abcdefE", "_RNvNtCs5l0EXMQXRMU_4core9panicking5panic",
    "$ss17_assertionFailure__4file4line5flagss5NeverOs12StaticStringV_A2HSus6UInt32VtF",
    "__gnat_rcheck_CE_Overflow_Check",
  ])
  func functionsThatAreDeclaredSoNeverReturn(_ name: String) { #expect(EndlessFunctions.contains(name)) }

  @Test(arguments: [
    "", "@", "aborted", "execve", "error", "_Unwind_RaiseException", "_Unwind_Resume_or_Rethrow", "_ZSt4moveIiE",
    "_ZSt20throw_length_errorPKc", "_ZSt", "_Z", "_ZN3std9panicking3try17h0123456789abcdefE", "_RNv",
    // A task that never fails.
    "$sScT5valuexvgs5NeverO", "__cxa_begin_catch", "setjmp",
  ])
  func otherFunctionsMayReturn(_ name: String) { #expect(!EndlessFunctions.contains(name)) }
}
