import Base
import Catalog
import Glibc
import Items
import LibraryKit
import Objects
import Store
import TestKit
import Testing

@testable import Library

struct BackupTests {
  @Test("A backup that is made while assets come and go is a whole library of one moment")
  func whileWriting() throws {
    // Engines that are shared are backed up by their own means.
    let fixture = try LibraryFixture(.embedded)
    for number in 0..<5 { _ = try fixture.add("first \(number)") }
    let isOver = Monitor(false)
    let writer = NativeThread { [fixture] in
      var number = 0
      while !isOver.update({ $0 }), number < 5000 {
        number += 1
        guard let asset = try? fixture.add("later \(number)") else { continue }
        if number % 2 == 0 { try? fixture.library.delete(asset.id.text, scope: .all) }
        if number % 9 == 0 { _ = try? fixture.library.collect() }
      }
    }
    defer {
      isOver.update { $0 = true }
      writer.join()
    }
    let (copy, restored) = (fixture.folder.file("copy"), fixture.folder.file("restored"))
    // A collection of the moment before may still be at it.
    for _ in 0..<50 where !FileSystem.isThere(copy) { try? fixture.library.backup(to: copy) }
    try Library.restore(copy, to: restored)
    let library = try Library(restored, makes: false)
    var (token, count) = (PageToken?.none, 0)
    repeat {
      let page = try library.list(AssetFilter(client: "acme"), scope: .all, limit: 100, after: token)
      for asset in page.elements {
        #expect(try library.objects.verify(#require(.init(asset.object))) == .sound)
        count += 1
      }
      token = page.next
    } while token != nil
    #expect(count >= 5)
    try library.settle()
    #expect(try library.verify().differenceCount == 0)
    #expect { try Library.restore(copy, to: restored) } throws: { ($0 as? Fault)?.kind == .badInput }
    #expect { try fixture.library.backup(to: copy) } throws: { ($0 as? Fault)?.kind == .badInput }
  }

  @Test(
    "A backup has the key of the door for nodes, for its owner alone, and a restored library has it too; a node's key is in none"
  )
  func door() throws {
    let fixture = try LibraryFixture(.embedded)
    let edge = "\(fixture.library.path)/edge"
    try FileSystem.makeFolder(edge)
    try FileSystem.write([1, 2, 3], to: "\(fixture.library.path)/\(Library.doorFile)", isSecret: true)
    try FileSystem.write([4], to: "\(edge)/0011223344556677.pem", isSecret: true)
    let (copy, restored) = (fixture.folder.file("copy"), fixture.folder.file("restored"))
    try fixture.library.backup(to: copy)
    try Library.restore(copy, to: restored)
    for folder in [copy, restored] {
      let file = "\(folder)/\(Library.doorFile)"
      #expect(try FileSystem.read(file) == [1, 2, 3])
      for (path, mode) in [(file, 0o600), ("\(folder)/edge", 0o700)] {
        var info = stat()
        #expect(stat(path, &info) == 0 && Int(info.st_mode) & 0o777 == mode)
      }
      #expect(try FileSystem.list("\(folder)/edge") == ["door.pem"])
    }
  }
}
