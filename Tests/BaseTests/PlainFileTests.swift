import Base
import Foundation
import TestKit
import Testing

/// What may be read as a file, and what is left of writes that were cut short.
struct PlainFileTests {
  let folder = TemporaryFolder()

  @Test("A pipe, a device, a socket or a folder in a file's place is refused at once, and never waited for")
  func refused() throws {
    mkfifo(folder.file("pipe"), 0o600)
    try FileSystem.makeFolder(folder.file("folder"))
    #expect(symlink("/dev/zero", folder.file("zeros")) == 0 && symlink("pipe", folder.file("link")) == 0)
    for (name, words) in [
      ("pipe", "is a pipe, a socket or a device"), ("zeros", "is a pipe, a socket or a device"),
      ("link", "is a pipe, a socket or a device"), ("folder", "is a folder, not a file"),
    ] {
      let path = folder.file(name)
      let fault = try #require(throws: Fault.self) { try FileSystem.read(path) }
      #expect(fault.kind == .badInput && fault.message.hasPrefix("\(path) \(words)"), "\(fault.message)")
      #expect(throws: fault) { try FileSystem.checkPlain(path) }
    }
  }

  @Test("A link is the file that it leads to; one that leads nowhere stands there and is no file")
  func links() throws {
    try FileSystem.write([1, 2], to: folder.file("file"))
    #expect(symlink("file", folder.file("link")) == 0 && symlink("none", folder.file("lost")) == 0)
    #expect(try FileSystem.read(folder.file("link")) == [1, 2])
    #expect(FileSystem.isThere(folder.file("lost")) && FileSystem.kind(of: folder.file("lost")) == nil)
    #expect(!FileSystem.isThere(folder.file("none")))
    #expect(try #require(throws: Fault.self) { try FileSystem.read(folder.file("lost")) }.kind == .notFound)
  }

  @Test("Parts whose writer is gone are taken away; those of one that lives, and other files, stay")
  func leftovers() throws {
    let gone = Process()
    gone.executableURL = URL(filePath: "/bin/true")
    try gone.run()
    gone.waitUntilExit()
    let kept = ["keys.json", "keys.json.part-\(getpid())", "keys.json.part-x", "other.part-\(gone.processIdentifier)"]
    let parts = ["keys.json.part-\(gone.processIdentifier)", "keys.json.part-\(gone.processIdentifier)-7"]
    for name in kept + parts { try FileSystem.write([1], to: folder.file(name)) }
    FileSystem.removeLeftovers(of: folder.file("keys.json"))
    #expect(try FileSystem.list(folder.path) == kept.sorted())
  }
}
