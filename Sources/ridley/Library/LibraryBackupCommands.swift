import Base
import Library

/// A copy of the library while it is used.
struct LibraryBackupCommand: Command {
  let path = ["library", "backup"]
  let summary = "Copy the whole library into a new folder, while it is read and written"
  let positionals = [Positional(name: "folder", help: "where to; it must not be there yet")]
  let options = [LibraryPlace.option]
  let examples = ["ridley library backup /mnt/backup/library-2026-11-27"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let bar = ProgressBar("backup", isQuiet: false)
    try LibraryPlace.open(arguments).backup(to: arguments.positionals[0]) {
      bar.show(share: nil, detail: "\($0) objects")
    }
    bar.clear()
    return .success
  }
}

/// A library from its copy.
struct LibraryRestoreCommand: Command {
  let path = ["library", "restore"]
  let summary = "Make a library of a backup, at a place where none is"
  let positionals = [Positional(name: "backup", help: "a folder that 'ridley library backup' made")]
  let options = [LibraryPlace.option]
  let examples = ["ridley library restore /mnt/backup/library-2026-11-27 --library lib"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    try Library.restore(arguments.positionals[0], to: try LibraryPlace.folder(arguments["library"]))
    return .success
  }
}
