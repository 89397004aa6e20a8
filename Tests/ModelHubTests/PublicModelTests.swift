import Base
import Crypto
import Foundation
import TestKit
import Testing

@testable import ModelHub

@Suite struct PublicModelTests {
  static let folder = Checkout.path + "/models"

  @Test func `Every manifest of the repository reads`() throws {
    let home = TemporaryFolder()
    let entries = Hub(folders: [Self.folder], store: home.path).list()
    #expect(entries.count >= 25)
    for entry in entries {
      let model = try entry.model.get()
      #expect(!model.manifest.summary.isEmpty && model.manifest.summary.hasSuffix("."), "\(entry.name)")
      for file in model.manifest.files where file.url != nil {
        #expect(file.url!.hasPrefix("https://") && file.byteCount != nil, "\(entry.name): \(file.path)")
      }
    }
  }

  @Test
  func
    `Every file of a public model has an address, stands beside its manifest, or is made by a command that is there`()
    throws
  {
    let home = TemporaryFolder()
    for entry in Hub(folders: [Self.folder], store: home.path).list() {
      let model = try entry.model.get()
      for file in model.manifest.files where file.url == nil && !Model.isThere(file, in: model.folder) {
        let make = try #require(model.manifest.make, "\(entry.name): \(file.path)")
        #expect(make == "tools/network \(entry.name)" && file.sha256 != nil && file.byteCount != nil, "\(entry.name)")
        #expect(FileManager.default.isExecutableFile(atPath: Checkout.path + "/tools/network"))
      }
    }
  }

  @Test func `The names of EfficientNet-Lite0's classes are those of the vocabulary, in its order`() throws {
    let home = TemporaryFolder()
    let vocabulary = try String(
      contentsOfFile: Checkout.path + "/Sources/Insights/Content/vocabulary.tsv", encoding: .utf8)
    let rows = vocabulary.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
    let names = rows.filter { $0.count > 2 && !$0[0].hasPrefix("#") }.prefix(1000).map { String($0[2]) }
    let labels = try Hub(folders: [Self.folder], store: home.path).look("efficientnet-lite0").labels
    #expect(labels == names && labels.last == "toilet tissue")
  }

  @Test func `No two models have the same digest`() throws {
    let home = TemporaryFolder()
    let models = try Hub(folders: [Self.folder], store: home.path).list().map { try $0.model.get() }
    #expect(Set(models.map(\.digest)).count == models.count)
  }

  @Test(.enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)))
  func `Addresses, digests and sizes are those of the published files`() throws {
    let home = TemporaryFolder()
    let table = try String(contentsOfFile: TestData.path("SOURCES.tsv"), encoding: .utf8)
    let rows = table.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
    let known = Dictionary(
      rows.filter { $0.count >= 9 }.map { (String($0[8]), (size: String($0[4]), digest: String($0[5]))) },
      uniquingKeysWith: { first, _ in first })
    for entry in Hub(folders: [Self.folder], store: home.path).list() {
      for file in try entry.model.get().manifest.files {
        guard let url = file.url else { continue }
        let row = try #require(known[url], "\(entry.name): \(url)")
        #expect(row.digest == file.sha256 && row.size == "\(file.byteCount!)", "\(entry.name): \(file.path)")
      }
    }
  }

  @Test(.enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)))
  func `Every public model is pulled from a folder mirror, whole`() throws {
    let home = TemporaryFolder()
    let hub = Hub(folders: [Self.folder], store: home.path)
    for entry in hub.list() where try entry.model.get().manifest.files.allSatisfy({ $0.url != nil }) {
      let model = try hub.pull(entry.name, mirror: TestData.folder!)
      #expect(model.isReady && FileSystem.kind(of: model.networkPath) != nil, "\(entry.name)")
      try model.verify()
    }
    #expect(try hub.find("mobilenet-v2").labels.count == 1001)
    #expect(try hub.find("yolox-nano").labels.count == 80)
    let characters = try hub.find("paddleocr-en-rec").labels
    #expect(characters.count == 95 && characters.first == "0" && characters.last == " ")
  }

  @Test(.enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)))
  func `A model is pulled from a mirror on the web`() throws {
    let home = TemporaryFolder()
    let server = try LocalServer(folder: TestData.folder!)
    let hub = Hub(folders: [Self.folder], store: home.path)
    let model = try hub.pull("nsfw-resnet", mirror: server.address)
    try model.verify()
    #expect(FileSystem.kind(of: model.networkPath) == .folder)
  }
}
