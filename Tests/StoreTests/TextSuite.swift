import Base
import Items
import Store
import TestKit
import Testing

/// What every engine must find by words and filters; at random it is compared in `TableSuite`.
struct TextSuite {
  private let folder = TemporaryFolder()

  private func names(_ table: any Table, _ query: TextQuery) throws -> [String] {
    var (names, token): ([String], PageToken?) = ([], nil)
    repeat {
      let page = try table.matches(of: byText, query, after: token)
      names += page.elements.map(\.key.sort)
      token = page.next
    } while token != nil
    return names
  }

  private func put(_ name: String, _ body: String) -> Write { .put(ItemKey("ASSET", name), json(body)) }

  @Test(arguments: Engine.searching)
  func `the newest comes first, and an update keeps its place`(engine: Engine) throws {
    let table = try engine.open(folder)
    for name in ["1", "2", "3"] { _ = try table.write([put(name, "{\"client\":\"a\",\"name\":\"clip \(name)\"}")]) }
    #expect(try names(table, TextQuery("CLIENT#a", text: "clip", limit: 1)) == ["3", "2", "1"])
    _ = try table.write([put("1", "{\"client\":\"a\",\"name\":\"film 1\"}")])
    #expect(try names(table, TextQuery("CLIENT#a", text: "clip")) == ["3", "2"])
    #expect(try names(table, TextQuery("CLIENT#a")) == ["3", "2", "1"])
    _ = try table.write([put("2", "{\"client\":\"b\",\"name\":\"clip 2\"}")])
    #expect(try names(table, TextQuery("CLIENT#a")) == ["3", "1"])
    #expect(try names(table, TextQuery("CLIENT#b", text: "2 cl")) == ["2"])
    _ = try table.write([.delete(ItemKey("ASSET", "3")), put("4", "{\"client\":\"a\",\"name\":\"clip 4\"}")])
    #expect(try names(table, TextQuery("CLIENT#a", text: "clip")) == ["4"])
  }

  @Test(arguments: Engine.searching)
  func `what is typed is words, whatever it looks like`(engine: Engine) throws {
    let table = try engine.open(folder)
    _ = try table.write([
      put("1", "{\"client\":\"a\",\"name\":\"Near the \\\"sea\\\" \u{1f3ac}\"}"),
      put("2", "{\"client\":\"a\",\"name\":\"far\"}"),
    ])
    for text in [
      "near", "NEAR(", "\"sea", "sea\" the*", "-sea", "SEA  ", "\u{1f3ac}",
    ] {
      #expect(try names(table, TextQuery("CLIENT#a", text: text)) == ["1"], "\(text)")
    }
    for text in ["near OR far", "sea NOT near2", "tokens:sea", "w0 p", "ea"] {
      #expect(try names(table, TextQuery("CLIENT#a", text: text)).isEmpty, "\(text)")
    }
    for text in ["", "\"", "*", "' ; --", "\0", "((("] {
      #expect(try names(table, TextQuery("CLIENT#a", text: text)) == ["2", "1"], "no word asks for nothing: \(text)")
    }
  }

  @Test(arguments: Engine.searching)
  func `nothing of another partition shows, whatever its names hold`(engine: Engine) throws {
    let table = try engine.open(folder)
    for client in ["a", "a#b", "b", "A", "%"] {
      _ = try table.write([put(client, "{\"client\":\"\(client)\",\"brand\":\"x\",\"name\":\"clip\",\"tags\":[\"t\"]}")]
      )
    }
    for client in ["a", "a#b", "b", "A", "%"] {
      let partition = CompositeKey.joined("CLIENT", client)
      for query in [
        TextQuery(partition), TextQuery(partition, text: "clip"), TextQuery(partition, filters: [("brand", "x")]),
        TextQuery(partition, filters: [("brand", "x"), ("tags", "t")], text: "t cl"),
      ] { #expect(try names(table, query) == [client]) }
    }
    for partition in ["CLIENT", "CLIENT#", "CLIENT#c", "a", "*"] {
      #expect(try names(table, TextQuery(partition)).isEmpty)
    }
  }

  @Test(arguments: Engine.searching)
  func `an index that was not declared, and a filter it lacks, are faults`(engine: Engine) throws {
    let table = try engine.open(folder)
    let other = TextIndexDeclaration("text", partition: [.attribute("client")], filters: [], words: ["name"])
    #expect(throws: Fault.self) { try table.matches(of: other, TextQuery("a")) }
    #expect(throws: Fault.self) { try table.matches(of: byText, TextQuery("a", filters: [("name", "x")])) }
    #expect(throws: Fault.self) { try table.matches(of: byText, TextQuery("a"), after: PageToken(text: "00")) }
  }

  @Test(arguments: Engine.searching)
  func `pages of a search under writers neither skip nor repeat what was there all along`(engine: Engine) throws {
    let table = try engine.open(folder)
    let staying = (0..<200).map { ItemKey("p", "k\($0)") }
    for key in staying { _ = try table.write([.put(key, json("{\"client\":\"a\",\"name\":\"stays\"}"))]) }
    let isOver = Monitor(false)
    let writer = NativeThread {
      var random = SeededRandom(5)
      while !isOver.update({ $0 }) {
        let key = ItemKey("q", "\(random.next() % 300)")
        let put = Write.put(key, json("{\"client\":\"a\",\"name\":\"stays \(random.next() % 9)\"}"))
        _ = try? table.write([random.next() % 2 == 0 ? put : .delete(key)])
      }
    }
    defer {
      isOver.update { $0 = true }
      writer.join()
    }
    for _ in 0..<5 {
      var (found, token): ([ItemKey], PageToken?) = ([], nil)
      repeat {
        let page = try table.matches(of: byText, TextQuery("CLIENT#a", text: "stay", limit: 7), after: token)
        found += page.elements.map(\.key)
        token = page.next
      } while token != nil
      #expect(Set(found).count == found.count && Set(found).isSuperset(of: staying))
    }
  }
}
