public import Base
internal import CSQLite

extension SQLiteConnection {
  /// Overwrites what some pages of trees still hold of rows that were moved to other pages, and deleted there; how many pages that were.
  ///
  /// `secure_delete` overwrites a row where it is deleted. But where SQLite shares out the rows of a full page anew it leaves copies of those that
  /// went to its neighbours in the gap that becomes free, and these nothing overwrites but new rows. No one reads them: so they are
  /// overwritten in the file itself, by SQLite's own handle, since closing another one would drop its locks.
  ///
  /// To be called in a transaction that writes and began when the `-wal` file was empty. Pages that other connections remember hold the copies
  /// still, and are forgotten by them with the commit, which therefore writes something. `range` are pages that are there, counted from 0.
  public func clearGaps(_ range: Range<Int>, syncing: Bool) throws(Fault) -> Int {
    precondition(isInTransaction, "gaps are cleared while no one else writes")
    let (size, pages) = (try number("PRAGMA page_size"), try number("PRAGMA page_count"))
    precondition(range.lowerBound >= 0 && range.upperBound <= pages, "pages that are not there")
    guard pages <= TreePage.mostPages, try number("PRAGMA auto_vacuum") == 0 else {
      throw Fault(
        .unsupported,
        "\(path): copies of deleted rows cannot be overwritten in a file of more than \(TreePage.mostPages) pages, or of one with auto_vacuum: run VACUUM while nothing has it open"
      )
    }
    let file = unsafe try handleOfFile()
    let usable = size - Int(unsafe try read(file, 0..<100)[20])
    let step = max(1, (1 << 21) / size)
    var cleared = 0
    for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      let chunk = unsafe try read(file, first * size..<min(range.upperBound, first + step) * size)
      for start in stride(from: 0, to: chunk.count, by: size) {
        let number = first + start / size + 1
        guard var page = TreePage(Array(chunk[start..<start + size]), number: number, usable: usable) else { continue }
        guard let hadSome = page.clear() else { throw SQLiteFailure.fault(SQLITE_CORRUPT, path) }
        guard hadSome else { continue }
        unsafe try write(page.bytes, to: file, at: (number - 1) * size)
        cleared += 1
      }
    }
    if cleared > 0, syncing { unsafe try check(file.pointee.pMethods.pointee.xSync(file, SQLITE_SYNC_NORMAL)) }
    try run("PRAGMA user_version = \(try number("PRAGMA user_version"))")
    return cleared
  }

  private typealias File = UnsafeMutablePointer<sqlite3_file>

  private func handleOfFile() throws(Fault) -> File {
    var file: File?
    unsafe try check(sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file))
    guard let file = unsafe file, unsafe file.pointee.pMethods != nil else { throw failure(SQLITE_MISUSE) }
    return unsafe file
  }

  @unsafe
  private func read(_ file: File, _ range: Range<Int>) throws(Fault) -> [UInt8] {
    var status = SQLITE_OK
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      unsafe status = file.pointee.pMethods.pointee.xRead(
        file, buffer.baseAddress, Int32(range.count), Int64(range.lowerBound))
      count = status == SQLITE_OK ? range.count : 0
    }
    try check(status)
    return bytes
  }

  @unsafe
  private func write(_ bytes: [UInt8], to file: File, at place: Int) throws(Fault) {
    let status = unsafe bytes.withUnsafeBytes { bytes in
      unsafe file.pointee.pMethods.pointee.xWrite(file, bytes.baseAddress, Int32(bytes.count), Int64(place))
    }
    try check(status)
  }

  private func check(_ status: Int32) throws(Fault) {
    guard status == SQLITE_OK else { throw SQLiteFailure.fault(status, path) }
  }
}
