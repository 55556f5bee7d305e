/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: opencv FOLDER THREADS; what it says and reads is described in
 * turns.hpp */

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

#include "turns.hpp"

static void
set_inputs (cv::dnn::Net &net, std::vector<float> &numbers)
{
  const int planes[] = { 1, 3 };
  float *next = numbers.data ();

  for (int i = 0; i < 2; i++) {
    const int shape[] = { 1, planes[i], image_side, image_side };
    const cv::Mat input (4, shape, CV_32F, next);

    net.setInput (input, "input" + std::to_string (i + 1));
    next += input.total ();
  }
}

static std::vector<float>
concatenate (const std::vector<cv::Mat> &parts)
{
  std::vector<float> all;

  for (const cv::Mat &part : parts)
    all.insert (all.end (), part.begin<float> (), part.end<float> ());
  return all;
}

static void
run_network (const std::string &folder, int n_threads)
{
  std::vector<float> inputs = read_numbers (folder + "/inputs.f32");
  cv::dnn::Net net = cv::dnn::readNetFromONNX (folder + "/fp32.onnx");
  std::vector<cv::Mat> outputs;

  net.setPreferableBackend (cv::dnn::DNN_BACKEND_OPENCV);
  net.setPreferableTarget (cv::dnn::DNN_TARGET_CPU);
  cv::setNumThreads (n_threads);
  /* Without new inputs it would compute nothing. */
  const auto run = [&] {
    set_inputs (net, inputs);
    net.forward (outputs, std::vector<cv::String> { "output1", "output2" });
  };
  serve (std::string ("OpenCV ") + CV_VERSION, run,
      [&] { return concatenate (outputs); });
}

int
main (int argc, char **argv)
try {
  if (argc != 3)
    throw std::runtime_error ("usage: opencv FOLDER THREADS");
  run_network (argv[1], std::stoi (argv[2]));
  return 0;
} catch (const std::exception &error) {
  std::fprintf (stderr, "opencv: %s\n", error.what ());
  return 1;
}
