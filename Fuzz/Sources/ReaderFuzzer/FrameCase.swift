internal import CallFrameInfo

/// Reads the frames of some sections: records, instructions, rows, words. Lints them as those of `file`, or of a bare program.
func readFrames(_ sections: [CallFrameSection], of file: ELFFile? = nil) {
  let table = CallFrameTable(sections)
  lint(table, of: file)
  for cie in table.cies {
    guard let section = table.sections.first(where: { $0.bytes.count >= cie.offset + cie.length }) else { continue }
    readInstructions(CFAInstructionReader(of: cie, in: section), CallFrameWords(section, cie: cie))
  }
  for (index, fde) in table.fdes.enumerated() {
    let section = table.section(of: fde)
    let cie = table.cie(of: fde)
    require(fde.offset + fde.length <= section.bytes.count, "a record is inside its section")
    if index > 0 {
      require(
        table.fdes[index - 1].addresses.lowerBound <= fde.addresses.lowerBound, "records are in the order of addresses")
    }
    let words = CallFrameWords(section, cie: cie)
    readInstructions(CFAInstructionReader(of: fde, cie: cie, in: section), words)
    readRows(of: fde, table, words)
  }
  require(table.defects.count <= table.defectCount, "listed defects are counted")
  for defect in table.defects { require(defect.description.contains("+0x"), "a defect has its offset") }
}

private func readInstructions(_ instructions: CFAInstructionReader, _ words: CallFrameWords) {
  var reader = instructions
  var states = 0
  do throws(CallFrameError) {
    while let instruction = try reader.next() {
      require(!words.describe(instruction).isEmpty, "an instruction has a name")
      if instruction == .rememberState {
        states += 1
        allow(states: states)
      }
    }
  } catch {
    require((try? reader.next()) == .some(nil), "nothing is read behind an instruction that cannot be")
  }
}

private func readRows(of fde: FDE, _ table: CallFrameTable, _ words: CallFrameWords) {
  var rows = table.rows(of: fde)
  var end = fde.addresses.lowerBound
  var count = 0
  do throws(CallFrameError) {
    while let row = try rows.next() {
      require(!row.addresses.isEmpty, "a row has addresses")
      require(row.addresses.lowerBound == end, "a row starts where the one before ends")
      require(row.addresses.upperBound <= fde.addresses.upperBound, "a row is inside its FDE")
      end = row.addresses.upperBound
      // A few rows of each: words and lookups of all would only be slow.
      if count < 4 {
        require(!words.describe(row).isEmpty, "a row has words")
        if table.fde(at: row.addresses.lowerBound) == fde {
          let found = (try? table.row(at: row.addresses.lowerBound)) ?? nil
          require(found == row, "the row of an address is the one that is made for it")
        }
        evaluateRow(row, words, table.section(of: fde), table.cie(of: fde))
      }
      count += 1
    }
    require(fde.addresses.isEmpty || end == fde.addresses.upperBound, "rows cover their FDE")
  } catch {
    require(error.offset <= table.section(of: fde).bytes.count, "an error is inside its section")
  }
}

/// Evaluates the expressions of a row.
private func evaluateRow(_ row: Row, _ words: CallFrameWords, _ section: CallFrameSection, _ cie: CIE) {
  if case .expression(let block) = row.cfa {
    _ = try? ExpressionEvaluator.evaluate(block, in: section, cie: cie, context: Machine(cfa: nil))
  }
  for (register, rule) in row.registers {
    require(rule != .unspecified, "only registers with a rule are listed")
    require(row.registers[register] == rule, "a listed rule is the register's")
    switch rule {
    case .expression(let block), .valueExpression(let block):
      _ = try? ExpressionEvaluator.evaluate(
        block, in: section, cie: cie, initial: [0x7ff0], context: Machine(cfa: 0x7ff0))
    default: break
    }
  }
}

/// Reads a search table and looks up what it names.
func readSearchTable(_ bytes: [UInt8], address: UInt64) {
  let table: SearchTable
  do throws(CallFrameError) {
    table = try SearchTable(bytes, address: address, source: "case")
  } catch {
    require(!error.description.isEmpty, "an error has a text")
    return
  }
  require(UInt64(table.count) <= table.declaredCount, "no more entries than are declared")
  require(table.entriesOffset + table.count * table.entrySize <= bytes.count, "entries are inside the section")
  let isSorted = zip(table, table.dropFirst()).allSatisfy { $0.address < $1.address }
  for entry in table.prefix(64) {
    let found = table.entry(for: entry.address)
    require(!isSorted || found == entry, "an entry of a sorted table is found by its address")
  }
  _ = (table.entry(for: 0), table.entry(for: .max))
}
