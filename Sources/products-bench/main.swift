import Base
import Execution
import Features
import Glibc
import Inference
import Insights
import Loading
import MediaProcess
import ModelHub
import Predictions
import Vision

// How well products are told from pictures of a shop: see bench/analysers/products.
//
//   products-bench NETWORK MATERIAL

let words = Array(CommandLine.arguments.dropFirst())

do throws(Fault) {
  if words.first == "media-process" {
    try MediaService.run()
  } else if words.count == 2 {
    try Trial(network: words[0], material: words[1]).run()
  } else {
    throw Fault(.usage, "products-bench NETWORK MATERIAL")
  }
} catch {
  print(error.message)
  exit(1)
}
