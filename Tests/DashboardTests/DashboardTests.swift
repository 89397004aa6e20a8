import Dashboard
import Foundation
import PageScripts
import Rendering
import TestKit
import Testing

struct DashboardTests {
  private static let folder = URL(filePath: Program.models).deletingLastPathComponent().path + "/Sources/Dashboard/Page"
  private static let packaged = Set(PageScripts.files.map { "/assets/\($0.name)" })
  /// The project's own.
  private static let texts = Dashboard.paths.filter { !packaged.contains($0) }.map {
    ($0, String(decoding: Dashboard.file($0)!.bytes, as: UTF8.self))
  }

  @Test("Every file of the page is in the program as it is in the folder, and nothing else")
  func whole() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    #expect(
      Set(names.map { $0 == "index.html" ? "/" : "/assets/\($0)" })
        == Set(Dashboard.paths).subtracting(Self.packaged), "run 'make page-files'")
    for name in names {
      let file = try #require(Dashboard.file(name == "index.html" ? "/" : "/assets/\(name)"))
      #expect(Data(file.bytes) == FileManager.default.contents(atPath: "\(Self.folder)/\(name)"))
      #expect(
        file.contentType.contains(
          ["html": "html", "js": "javascript", "css": "css", "svg": "svg"][URL(filePath: name).pathExtension]!))
    }
    #expect(Set(Dashboard.paths.map { Dashboard.file($0)!.tag }).count == names.count + Self.packaged.count)
    for path in ["", "/index.html", "/assets", "/assets/", "/assets/../main.js", "assets/main.js"] {
      #expect(Dashboard.file(path) == nil)
    }
  }

  @Test("What a file asks for is there, and comes from this server", arguments: texts.map(\.0))
  func links(_ path: String) throws {
    let text = try #require(Self.texts.first { $0.0 == path }).1
    for match in text.matches(of: /(?:src|href)="(\/assets[^"]*)"/) { #expect(Dashboard.file(String(match.1)) != nil) }
    for match in text.matches(of: /(?:from |import\()"\.\/([^"]+)"/) {
      #expect(Dashboard.file("/assets/\(match.1)") != nil)
    }
    let foreign = text.matches(of: /https?:\/\/[^"]*/).map { String($0.0) }.filter {
      !$0.hasPrefix("http://www.w3.org/")
    }
    #expect(foreign.isEmpty, "\(foreign)")
  }

  @Test("Nothing is there that the policy forbids: no script, style or handler in the page, no markup made from text")
  func policy() throws {
    let page = try #require(Self.texts.first { $0.0 == "/" }).1
    #expect(
      page.matches(of: /<script(?![^>]*\ssrc=)/).isEmpty && page.firstMatch(of: /<style|\sstyle=|\son[a-z]+=/) == nil)
    for (path, text) in Self.texts {
      #expect(
        text.firstMatch(of: /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/) == nil,
        "\(path)")
    }
    let policy = try #require(Dashboard.headers.first { $0.0 == "Content-Security-Policy" }).1
    #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe") && !policy.contains("*"))
  }

  @Test("What the page draws has the colours of pictures and reports, in their order")
  func palette() throws {
    let drawing = try #require(Self.texts.first { $0.0 == "/assets/drawing.js" }).1
    let list = try #require(drawing.firstMatch(of: /const colors = \[([^\]]*)\]/)).1
    #expect(list.matches(of: /"([^"]*)"/).map { String($0.1) } == Palette.colors.map(\.hex))
    let inks = "[\"\(Palette.Color.black.hex)\", \"\(Palette.Color.white.hex)\"]"
    #expect(drawing.contains("const [dark, white] = \(inks)"))
    #expect(drawing.contains("> \(Palette.Color.lightLuma) ?"))
  }

  @Test("Scripts of others are as their packages have them, and need nothing that the policy forbids")
  func packagedScripts() throws {
    let folder = URL(filePath: Self.folder).deletingLastPathComponent().deletingLastPathComponent().path
    for (name, bytes) in PageScripts.files {
      #expect(Data(bytes) == FileManager.default.contents(atPath: "\(folder)/PageScripts/Packaged/\(name)"))
      #expect(Dashboard.file("/assets/\(name)")?.contentType == "text/javascript; charset=utf-8")
      #expect(String(decoding: bytes, as: UTF8.self).firstMatch(of: /\beval\(|new Function|<script/) == nil)
    }
  }

  @Test("All of it is small")
  func size() {
    // The pages of roll-outs and trials are 36 kB of it, search is 74 kB: its box, its reading of queries, results that play where they stand, and what a link shows.
    #expect(Self.texts.map { $0.1.utf8.count }.reduce(0, +) < 560_000)
  }
}
