/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a runner of an engine says to compare.py, and reads from it: it writes
 * the engine's name and version on a line, and on a second one the outputs of
 * both stages for inputs.f32, with spaces between the numbers. For each line
 * that it then reads, a number of turns, it writes a line with the milliseconds
 * per face in each turn.
 *
 * A turn is measured as dan-bench does: two calls warm up, and the second one
 * says how many make a turn of at least 20 ms. */

#pragma once

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

constexpr double turn_ms = 20;
constexpr int image_side = 112;

inline std::vector<float>
read_numbers (const std::string &path)
{
  std::ifstream file (path, std::ios::binary | std::ios::ate);
  std::vector<float> numbers (file ? file.tellg () / sizeof (float) : 0);

  file.seekg (0);
  if (!file.read (reinterpret_cast<char *> (numbers.data ()),
          numbers.size () * sizeof (float)))
    throw std::runtime_error ("could not read " + path);
  return numbers;
}

inline double
ms_per_call (const std::function<void ()> &run, int n_calls)
{
  const auto start = std::chrono::steady_clock::now ();

  for (int i = 0; i < n_calls; i++)
    run ();
  return std::chrono::duration<double, std::milli> (
             std::chrono::steady_clock::now () - start)
             .count ()
         / n_calls;
}

inline void
take_turns (const std::function<void ()> &run, int n_turns)
{
  ms_per_call (run, 1);
  const int n_calls = int (turn_ms / ms_per_call (run, 1)) + 1;

  for (int i = 0; i < n_turns; i++)
    std::printf ("%.6g ", ms_per_call (run, n_calls));
}

/* @run computes both stages of a face once; @outputs are what it left behind.
 */
inline void
serve (const std::string &version, const std::function<void ()> &run,
    const std::function<std::vector<float> ()> &outputs)
{
  int n_turns;

  run ();
  std::printf ("%s\n", version.c_str ());
  for (float value : outputs ())
    std::printf ("%.9g ", value);
  std::printf ("\n");
  std::fflush (stdout);
  while (std::cin >> n_turns) {
    take_turns (run, n_turns);
    std::printf ("\n");
    std::fflush (stdout);
  }
}
