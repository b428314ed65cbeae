/// What stands before the numbers in Docs/mutation-score.md.
enum ScoreDocument {
  static func opening(seed: UInt64, count: Int, perFunction: Int, activations: Int, builds: [String], kinds: Int)
    -> String
  {
    """
    # Mutation score

    How much of what can be wrong in call frame information `fibertrace verify` finds, measured: programs are built, their
    executions recorded, their `.eh_frame` made wrong in one place at a time, and each such file verified. This page is the
    output of

    ```sh
    swift build -c release --product fibertrace
    swift run -c release mutation-score --seed \(seed) --count \(count) --per-function \(perFunction) \\
      --activations \(activations) --compare-with .build/release/fibertrace Tests/MutationTests/Programs/* \\
      > Docs/mutation-score.md
    ```

    The same seed, compilers and sources give the same mutants.

    ## What is counted

    - **structural**: the bytes break a rule of their format. Lint has to find it (an error or a warning that the unmutated
      file has not), without a look at the code.
    - **semantic**: well formed, but it says something else. It is *found* if lint or the flow check reports an error or a
      warning that the unmutated file has not.
    - **equivalent**: on recorded executions the mutant's rows recover what the original's do at every instruction where the
      rows differ, and each of those was executed. Compared are the CFA, the return address, rsp, rbx, rbp and r12 to r15, as
      far as the call preserved them; what a row declares lost, or reads outside of the recorded stack, differs from a value.
      No checker is asked. For calls, the row that frames above the callee's use (the byte before the return address, in a
      signal frame that address) is compared as well.
    - **not executed**: rows differ at instructions that were never executed, and nowhere else in values. Neither these nor
      equivalent mutants are *scored*.
    - **unknown**: nothing is found, and no instruction whose row recovers something else is proved.
    - **proved**: nothing is found, and such an instruction is proved. It is a hole, and there must be none.
    - **run**: of the semantic mutants that are scored, how many the check of executions (`verify --run`) refutes, asked about
      the mutant's rows at the recorded instructions. It is not asked about mutants that only declare registers lost, which is
      no false statement, nor where only registers differ that no call gave back.

    Only functions that were executed are mutated, as many mutants of each kind as there are or can be, with a CIE of its
    own where a CIE is changed. `DW_CFA_GNU_args_size` is left alone: rows do not depend on it. Verification requires
    coverage, as `--require-coverage` does: FDEs that are missing or too short are errors then.

    \(kinds) kinds, \(builds.count) builds: \(builds.joined(separator: "; ")).

    ## Score

    """
  }
}
