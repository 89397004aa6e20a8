public import Base

extension Truth {
  /// Reads a table with a header: `file,label`, or `file,label,x,y,w,h` in pixels, and further columns, of which `slice` may be one.
  ///
  /// In UTF-8, with or without a mark at its beginning; columns are set apart by commas, semicolons or tabs, and lines end as on any system.
  /// With semicolons, a comma may stand in a number for the point. An empty label means a picture on which there is nothing.
  /// - Throws: `badInput` that names the line.
  public init(csv bytes: [UInt8], name: String, slice: String? = nil) throws(Fault) {
    let table = try CSVTable(bytes, name: name)
    let columns = try Columns(table, slice: slice)
    var (labels, seen): ([String], Set<String>) = ([], [])
    var (pictures, places): ([Picture], [String: Int]) = ([], [:])
    for row in table.rows {
      let (file, label) = (row.cells[columns.file], row.cells[columns.label])
      guard !file.isEmpty else { throw table.fault(row, "the column 'file' is empty") }
      if !label.isEmpty, seen.insert(label).inserted { labels.append(label) }
      let place = places[file] ?? pictures.count
      if place == pictures.count {
        places[file] = place
        pictures.append(Picture(file: file))
        if let column = columns.slice, !row.cells[column].isEmpty { pictures[place].slice = row.cells[column] }
      } else if columns.box == nil {
        throw table.fault(row, "'\(file)' has a line already: a picture is of one class")
      }
      if let column = columns.slice, pictures[place].slice ?? "" != row.cells[column] {
        throw table.fault(row, "'\(file)' is in another slice than on the lines before")
      }
      guard !label.isEmpty else { continue }
      if let box = columns.box {
        pictures[place].objects.append(Object(label: label, box: try table.box(row, box)))
      } else {
        pictures[place].label = label
      }
    }
    let bare = columns.box == nil ? pictures.count { $0.label == nil } : 0
    let notes = bare == 0 ? [] : ["\(bare) lines have no label and were left out."]
    if columns.box == nil { pictures.removeAll { $0.label == nil } }
    self.init(kind: columns.box == nil ? .classes : .boxes, labels: labels, pictures: pictures, notes: notes)
  }
}

/// Where the columns stand that mean something.
private struct Columns {
  let file: Int
  let label: Int
  let box: [Int]?
  let slice: Int?

  init(_ table: CSVTable, slice: String?) throws(Fault) {
    let place = { (name: String) in table.header.firstIndex { $0.lowercased() == name } }
    guard let file = place("file"), let label = place("label") else {
      throw Fault(
        .badInput,
        "\(table.name): its first line has to name the columns, 'file' and 'label' among them; it has \(Truth.list(table.header))"
      )
    }
    (self.file, self.label) = (file, label)
    let sides = ["x", "y", "w", "h"].map(place)
    guard sides.allSatisfy({ $0 == nil }) || sides.allSatisfy({ $0 != nil }) else {
      throw Fault(.badInput, "\(table.name): a box takes the columns x, y, w and h, and some of them are missing")
    }
    box = sides[0] == nil ? nil : sides.compactMap(\.self)
    guard let slice else {
      self.slice = nil
      return
    }
    guard let column = table.header.firstIndex(of: slice) else {
      let hint = Suggestion.hint(for: slice, among: table.header)
      throw Fault(
        .badInput, "\(table.name): there is no column '\(slice)'\(hint); it has \(Truth.list(table.header))")
    }
    self.slice = column
  }
}

/// A table as spreadsheets write it (RFC 4180, and what is usual beside it).
struct CSVTable {
  struct Row {
    /// From 1, where it begins in the file.
    let line: Int
    let cells: [String]
  }

  let name: String
  let header: [String]
  private(set) var rows: [Row] = []
  private let separator: UInt8

  init(_ bytes: [UInt8], name: String) throws(Fault) {
    self.name = name
    guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]) else {
      throw Fault(.badInput, "\(name) is in UTF-16: save it as 'CSV UTF-8'")
    }
    let plain = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    guard String(validating: plain, as: UTF8.self) != nil else {
      throw Fault(.badInput, "\(name) is not text in UTF-8: save it as 'CSV UTF-8'")
    }
    var (first, quoted, counts) = ([UInt8](), false, [UInt8: Int]())
    for byte in plain {
      if byte == UInt8(ascii: "\"") { quoted.toggle() }
      if !quoted, byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
      if !quoted { counts[byte, default: 0] += 1 }
      first.append(byte)
    }
    separator = Self.separators.max { counts[$0, default: 0] < counts[$1, default: 0] }!
    var lines = CSVLines(plain, separator: separator)
    header = try lines.next(name)?.cells.map(Self.trimmed) ?? []
    while let row = try lines.next(name) {
      if row.cells.allSatisfy(\.isEmpty) { continue }
      guard row.cells.count == header.count else {
        throw Fault(
          .badInput, "\(name), line \(row.line): \(row.cells.count) columns, where the first line has \(header.count)")
      }
      rows.append(row)
    }
  }

  private static let separators = [UInt8(ascii: "\t"), UInt8(ascii: ";"), UInt8(ascii: ",")]

  private static func trimmed(_ text: String) -> String {
    let isSpace = { (character: Character) in character == " " }
    return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
  }

  func fault(_ row: Row, _ words: String) -> Fault { Fault(.badInput, "\(name), line \(row.line): \(words)") }

  func box(_ row: Row, _ columns: [Int]) throws(Fault) -> Rect {
    var sides: [Double] = []
    for column in columns {
      var text = Self.trimmed(row.cells[column])
      if separator == UInt8(ascii: ";") { text = text.replacing(",", with: ".") }
      guard let side = Double(text), side.isFinite else {
        throw fault(row, "'\(text)' in the column '\(header[column])' is no number")
      }
      sides.append(side)
    }
    guard sides[2] > 0, sides[3] > 0 else { throw fault(row, "a box has a width and a height above 0") }
    return Rect(x: sides[0], y: sides[1], width: sides[2], height: sides[3])
  }
}

/// Lines of a table, one after the other; a quoted cell may hold anything.
private struct CSVLines {
  private var rest: ArraySlice<UInt8>
  private let separator: UInt8
  private var line = 1

  init(_ bytes: ArraySlice<UInt8>, separator: UInt8) { (rest, self.separator) = (bytes, separator) }

  mutating func next(_ name: String) throws(Fault) -> CSVTable.Row? {
    guard !rest.isEmpty else { return nil }
    let start = line
    var (cells, cell, isQuoted): ([String], [UInt8], Bool) = ([], [], false)
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\n") { line += 1 }
      if byte == UInt8(ascii: "\"") {
        // Two of them inside of a quoted cell are one.
        if isQuoted, rest.first == byte { cell.append(rest.removeFirst()) } else { isQuoted.toggle() }
      } else if isQuoted {
        cell.append(byte)
      } else if byte == separator {
        cells.append(String(decoding: cell, as: UTF8.self))
        cell = []
      } else if byte == UInt8(ascii: "\r") {
        if rest.first != UInt8(ascii: "\n") {
          line += 1
          break
        }
      } else if byte == UInt8(ascii: "\n") {
        break
      } else {
        cell.append(byte)
      }
    }
    guard !isQuoted else { throw Fault(.badInput, "\(name), line \(start): a quotation mark is not closed") }
    return CSVTable.Row(line: start, cells: cells + [String(decoding: cell, as: UTF8.self)])
  }
}
