import Base
import Catalog
import Foundation
import Library
import LibraryKit
import ModelHub
import TestKit

@testable import Registry

/// A registry, and small models to publish that differ in one byte of their network.
final class RegistryFixture {
  let ground: Ground
  let library: Library
  let time = Monitor(1_774_000_000_000)
  var registry: ModelRegistry { ModelRegistry(library) }

  init(_ parts: Parts = .embedded) throws {
    ground = try Ground(parts)
    let time = time
    library = try ground.library(clock: { time.update { $0 } })
  }

  /// The same as another process has it.
  func again() throws -> ModelRegistry {
    let time = time
    return ModelRegistry(try ground.library(on: "other", clock: { time.update { $0 } }))
  }

  /// A model whose network is that of a fixture, and `mark` in its labels; every mark is another model.
  func model(_ mark: String, name: String = "inspector") throws -> Model {
    let folder = ground.folder.file("made/\(mark)/\(name)")
    try FileSystem.makeFolder(folder)
    try FileSystem.write(Array("network \(mark)".utf8), to: "\(folder)/net.onnx")
    let manifest = """
      name: \(name)
      summary: "A test."
      license: "MIT"
      task: classification
      files:
        - path: net.onnx
      network: net.onnx
      input:
        color: rgb
        width: 8
        height: 8
      output:
        decoder: classes
      labels: [ok, \(mark)]

      """
    try FileSystem.write(Array(manifest.utf8), to: "\(folder)/model.yaml")
    return try Model(try Manifest.read(folder), folder: folder, store: folder)
  }
}
