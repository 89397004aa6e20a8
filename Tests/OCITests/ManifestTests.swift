import Base
import Crypto
import Foundation
import TestKit
import Testing

@testable import OCI

/// Manifests of other tools, and of liars.
struct ManifestTests {
  private static let hex = SHA256.hex(of: [])
  private static let ours = ArtifactManifest.artifactType

  static func layer(_ title: String?, _ size: String = "0", digest: String = "sha256:\(hex)") -> String {
    let name = title.map { #", "annotations": {"org.opencontainers.image.title": "\#($0)"}"# } ?? ""
    return #"{"mediaType": "application/octet-stream", "digest": "\#(digest)", "size": \#(size)\#(name)}"#
  }

  static func text(_ layers: [String], kind: String = #""artifactType": "\#(ours)","#, more: String = "") -> String {
    #"{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", \#(kind) "layers": [\#(layers.joined(separator: ","))]\#(more)}"#
  }

  private func read(_ text: String, _ type: String = ArtifactManifest.mediaType) throws -> ArtifactManifest {
    try ArtifactManifestReader(name: "it").manifest(Array(text.utf8), mediaType: type)
  }

  @Test("What is written is read again, and is the same bytes every time")
  func round() throws {
    let layers = ["model.yaml", "a/b.bin", "ä\"b"].map {
      ArtifactManifest.Layer(mediaType: "x/y", digest: Self.hex, byteCount: 7, title: $0)
    }
    let manifest = ArtifactManifest(layers: layers, annotations: ["b": "2\n", "a": "1", "c": "\u{1F600}"])
    #expect(try read(String(decoding: manifest.json(), as: UTF8.self)) == manifest)
    #expect(
      (0..<20).allSatisfy { _ in
        ArtifactManifest(layers: layers, annotations: manifest.annotations).json() == manifest.json()
      })
    let parsed = try JSONSerialization.jsonObject(with: Data(manifest.json())) as? [String: Any]
    #expect(
      (parsed?["config"] as? [String: Any])?["digest"] as? String
        == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
  }

  @Test("A manifest of an older tool says by its configuration what it is")
  func byConfiguration() throws {
    let config = #""config": {"mediaType": "\#(Self.ours)", "digest": "sha256:\#(Self.hex)", "size": 2},"#
    #expect(try read(Self.text([Self.layer("model.yaml")], kind: config)).layers.count == 1)
  }

  @Test(
    "What is something else is told by what it is",
    arguments: [
      (#"{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []}"#, "index"),
      (#"{"schemaVersion": 2, "manifests": [{}]}"#, "index"), (#"{"schemaVersion": 1, "fsLayers": []}"#, "old kind"),
      (text([], kind: #""config": {"mediaType": "application/vnd.oci.image.config.v1+json"},"#), "container image"),
      (
        text([], kind: #""config": {"mediaType": "application/vnd.docker.container.image.v1+json"},"#),
        "container image"
      ),
      (text([], kind: #""config": {"mediaType": "application/vnd.cncf.helm.config.v1+json"},"#), "helm"),
      (text([], kind: #""artifactType": "application/vnd.cncf.model.manifest.v1+json","#), "vnd.cncf.model"),
      (text([], kind: ""), "of the kind ''"),
      (text([layer("model.yaml", digest: "sha512:\(hex)\(hex)")]), "SHA-256 alone"),
    ])
  func foreign(_ text: String, _ word: String) {
    let fault = #expect(throws: Fault.self) { try read(text, "") }
    #expect(fault?.kind == .unsupported && fault?.message.contains(word) == true, "\(String(describing: fault))")
  }

  @Test(
    "Names that do not stay in the folder, are hidden, or are none are refused",
    arguments: [
      "../x", "a/../../x", "/etc/passwd", "", "a//b", "a/", "/", ".", "..", "./a", ".hidden", "a/.git/config", "a\\\\b",
      "C:\\\\x", "a\\nb", "a\\u0000b", "a\\u007f",
      String(repeating: "a", count: 201),
    ])
  func titles(_ title: String) {
    let fault = #expect(throws: Fault.self) { try read(Self.text([Self.layer("model.yaml"), Self.layer(title)])) }
    #expect(
      fault?.kind == .badInput && fault?.message.contains("does not stay") == true,
      "\(title): \(String(describing: fault))")
  }

  @Test(
    "What cannot be a model's is refused before anything is fetched",
    arguments: [
      (text([layer("net.onnx")]), "no model.yaml"), (text([layer("model.yaml"), layer("A"), layer("a")]), "two files"),
      (text([layer("model.yaml"), layer("a"), layer("a/b")]), "as a folder"),
      (text([layer("model.yaml"), layer(nil)]), "without a name"),
      (text([layer("model.yaml", "2000000")]), "2000000"), (text([layer("model.yaml", "-1")]), "-1"),
      (text([layer("model.yaml", "3"), layer("a", "4")]), "two sizes"),
      (text([layer("model.yaml", "9223372036854775808")]), "size"),
      (
        text(
          [layer("model.yaml")]
            + (0..<3).map { layer("f\($0)", "1000000000000", digest: "sha256:" + String(repeating: "ab", count: 32)) }),
        "more than"
      ),
      (text([layer("model.yaml", digest: "sha256:ABC")]), "SHA-256"),
      (text([layer("model.yaml")], more: #", "annotations": {"a": "1", "a": "2"}"#), "twice"),
      (text([layer("model.yaml")], more: #", "layers": []"#), "twice"),
      (text([layer("model.yaml")], more: #", "annotations": {"a": 1}"#), "1"),
      (text((0...1000).map { layer("f\($0)") }), "more than 1000"), ("{", ""), ("[]", ""), ("", ""),
      ("{}", "schemaVersion"),
    ])
  func broken(_ text: String, _ word: String) {
    let fault = #expect(throws: Fault.self) { try read(text) }
    #expect(
      [.badInput, .unsupported, .tooLarge].contains(fault?.kind)
        && (word.isEmpty || fault?.message.contains(word) == true),
      "\(String(describing: fault))")
  }

  @Test(
    "A model whose files could not be laid out elsewhere is not pushed", arguments: ["../x", ".hidden", "model.yaml"])
  func pushed(_ title: String) {
    let file = ModelArtifact.File(title: title, path: "/x", digest: Self.hex, byteCount: 0)
    #expect(throws: Fault.self) { try ModelArtifact(manifest: [], files: [file], annotations: [:]) }
  }

  @Test("A manifest that lost bytes is a fault and never read beyond them")
  func cut() throws {
    let whole = Array(Self.text([Self.layer("model.yaml", "3"), Self.layer("a/b")]).utf8)
    for end in 0..<whole.count {
      #expect(throws: Fault.self) { try read(String(decoding: whole[..<end], as: UTF8.self)) }
    }
  }
}
