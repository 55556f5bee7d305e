/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: onednn FOLDER direct|winograd|bf16|int8|int8-winograd; what it says
 * and reads is described in turns.hpp. The threads are OpenMP's:
 * OMP_NUM_THREADS. */

#include <dnnl.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "turns.hpp"

#if DNNL_VERSION_MAJOR != 2
#error "for oneDNN 2, as in Debian 12: version 3 describes primitives otherwise"
#endif

using namespace dnnl;
using dims = memory::dims;
using type = memory::data_type;

struct Mode {
  algorithm convolution;
  type activations, weights;
};

static const std::map<std::string, Mode> modes = {
  { "direct", { algorithm::convolution_direct, type::f32, type::f32 } },
  { "winograd", { algorithm::convolution_winograd, type::f32, type::f32 } },
  { "bf16", { algorithm::convolution_direct, type::bf16, type::bf16 } },
  { "int8", { algorithm::convolution_direct, type::u8, type::s8 } },
  { "int8-winograd", { algorithm::convolution_winograd, type::u8, type::s8 } },
};

/* A line of layers.txt. */
struct Layer {
  std::string kind;
  int n_in, n_out;
  float largest; /* magnitude of what comes out */
};

/* Hands out the numbers of a file, one array after the other. */
class Numbers
{
public:
  explicit Numbers (const std::string &path) : all (read_numbers (path)) {}

  float *
  take (size_t n)
  {
    if (n > all.size () - used)
      throw std::runtime_error ("a file of numbers is too short");
    used += n;
    return all.data () + used - n;
  }

private:
  std::vector<float> all;
  size_t used = 0;
};

/* Both stages as a list of primitives. All memory is laid out as the primitives
 * ask for it, and the weights are brought into that layout ahead. Integers are
 * multiples of a step: an activation's in its whole tensor, a weight's in its
 * output channel. */
class Network
{
public:
  Network (const Mode &mode, const std::string &folder)
      : mode (mode), weights (folder + "/weights.f32"),
        inputs (folder + "/inputs.f32")
  {
    std::ifstream file (folder + "/layers.txt");
    Layer layer;

    while (file >> layer.kind >> layer.n_in >> layer.n_out >> layer.largest)
      add (layer);
    if (results.empty ())
      throw std::runtime_error ("found no layers in " + folder);
  }

  void
  run ()
  {
    for (auto &[primitive, arguments] : steps)
      primitive.execute (stream, arguments);
    stream.wait ();
  }

  std::vector<float>
  outputs () const
  {
    std::vector<float> all;

    for (const memory &result : results) {
      const float *data = static_cast<float *> (result.get_data_handle ());

      all.insert (all.end (), data, data + result.get_desc ().dims ()[1]);
    }
    return all;
  }

private:
  using Arguments = std::unordered_map<int, memory>;

  Mode mode;
  Numbers weights, inputs;
  engine cpu { engine::kind::cpu, 0 };
  dnnl::stream stream { cpu };
  std::vector<std::pair<primitive, Arguments>> steps;
  std::vector<memory> results;
  memory current; /* the output of the layer before */
  float step = 1; /* of current's integers */

  bool
  is_int8 () const
  {
    return mode.weights == type::s8;
  }

  static memory::desc
  any (const dims &shape, type element)
  {
    return { shape, element, memory::format_tag::any };
  }

  void
  add (const Layer &layer)
  {
    if (layer.kind == "stage")
      add_input (layer);
    else if (layer.kind == "pool")
      add_pool ();
    else if (layer.kind == "conv")
      add_convolution (layer);
    else
      add_product (layer);
  }

  /* The first convolution brings it into the type and layout that it wants. */
  void
  add_input (const Layer &layer)
  {
    const dims shape = { 1, layer.n_in, layer.n_out, layer.n_out };

    step = layer.largest / 127;
    current = memory ({ shape, type::f32, memory::format_tag::nchw }, cpu,
        inputs.take (size_t (layer.n_in) * layer.n_out * layer.n_out));
  }

  void
  add_step (const primitive &primitive, const Arguments &arguments)
  {
    steps.emplace_back (primitive, arguments);
  }

  /* @from in another layout, computed with each run. */
  memory
  converted (memory from, const memory::desc &wanted)
  {
    primitive_attr attributes;

    if (from.get_desc () == wanted)
      return from;
    if (is_int8 () && from.get_desc ().data_type () == type::f32)
      attributes.set_output_scales (0, { 1 / step });
    memory to (wanted, cpu);
    add_step (reorder ({ cpu, from.get_desc (), cpu, wanted, attributes }),
        { { DNNL_ARG_FROM, from }, { DNNL_ARG_TO, to } });
    return to;
  }

  void
  add_pool ()
  {
    const memory::desc before = current.get_desc ();
    dims shape = before.dims ();

    shape[2] /= 2;
    shape[3] /= 2;
    const pooling_forward::primitive_desc pool (
        { prop_kind::forward_inference, algorithm::pooling_max, before,
            any (shape, before.data_type ()), { 2, 2 }, { 2, 2 }, { 0, 0 },
            { 0, 0 } },
        cpu);
    const memory after (pool.dst_desc (), cpu);

    add_step (pooling_forward (pool),
        { { DNNL_ARG_SRC, current }, { DNNL_ARG_DST, after } });
    current = after;
  }

  /* The network's input has both signs, what follows a ReLU only one. */
  type
  source_type () const
  {
    return is_int8 () && current.get_desc ().data_type () == type::f32
        ? type::s8 : mode.activations;
  }

  void
  add_convolution (const Layer &layer)
  {
    const dims before = current.get_desc ().dims (),
               shape = { layer.n_out, layer.n_in, 3, 3 };
    Parameters parameters
        = take_parameters (layer, shape, memory::format_tag::oihw);
    const primitive_attr attributes = epilogue (layer, parameters);
    const auto describe = [&] (algorithm algorithm) {
      return convolution_forward::primitive_desc (
          { prop_kind::forward_inference, algorithm,
              any (before, source_type ()), any (shape, mode.weights),
              parameters.bias.get_desc (),
              any ({ 1, layer.n_out, before[2], before[3] }, mode.activations),
              { 1, 1 }, { 1, 1 }, { 1, 1 } },
          attributes, cpu, true);
    };
    auto convolution = describe (mode.convolution);

    /* Winograd's method is not there for every number of planes. */
    if (!convolution)
      convolution = describe (algorithm::convolution_direct);
    finish (convolution, convolution_forward (convolution), layer, parameters);
  }

  void
  add_product (const Layer &layer)
  {
    dims shape = current.get_desc ().dims ();
    shape[0] = layer.n_out;
    Parameters parameters = take_parameters (layer, shape,
        shape.size () == 4 ? memory::format_tag::oihw : memory::format_tag::oi);
    const type output = layer.kind == "linear" ? type::f32 : mode.activations;
    const inner_product_forward::primitive_desc product (
        { prop_kind::forward_inference,
            any (current.get_desc ().dims (), mode.activations),
            any (shape, mode.weights), parameters.bias.get_desc (),
            any ({ 1, layer.n_out }, output) },
        epilogue (layer, parameters), cpu);

    finish (product, inner_product_forward (product), layer, parameters);
    if (layer.kind == "linear")
      results.push_back (current);
  }

  struct Parameters {
    memory weights, bias;
    std::vector<float> steps; /* of the output channels' integers */
  };

  Parameters
  take_parameters (
      const Layer &layer, const dims &shape, memory::format_tag format)
  {
    const memory::desc weights_desc (shape, type::f32, format);
    const size_t row = weights_desc.get_size () / sizeof (float) / layer.n_out;
    float *values = weights.take (row * layer.n_out);
    float *bias = weights.take (layer.n_out);
    Parameters parameters = {
      memory (weights_desc, cpu, values),
      memory ({ { layer.n_out }, type::f32, memory::format_tag::x }, cpu),
      std::vector<float> (layer.n_out, 1),
    };
    float *to = static_cast<float *> (parameters.bias.get_data_handle ());

    for (int i = 0; i < layer.n_out; i++) {
      if (is_int8 ())
        parameters.steps[i] = largest (values + i * row, row) / 127;
      to[i] = is_int8 () ? bias[i] / (step * parameters.steps[i]) : bias[i];
    }
    return parameters;
  }

  static float
  largest (const float *values, size_t n)
  {
    return std::abs (*std::max_element (values, values + n,
        [] (float a, float b) { return std::abs (a) < std::abs (b); }));
  }

  /* What happens to the sums: they are brought from products of steps to the
   * output's step, then ReLU. */
  primitive_attr
  epilogue (const Layer &layer, const Parameters &parameters)
  {
    primitive_attr attributes;
    post_ops after;
    std::vector<float> scales;

    for (float weight_step : parameters.steps)
      scales.push_back (step * weight_step / output_step (layer));
    if (is_int8 ())
      attributes.set_output_scales (1 << 1, scales);
    if (layer.kind != "linear")
      after.append_eltwise (1, algorithm::eltwise_relu, 0, 0);
    attributes.set_post_ops (after);
    return attributes;
  }

  static float
  output_step (const Layer &layer)
  {
    return layer.kind == "linear" ? 1 : layer.largest / 255;
  }

  template <typename Description> void
  finish (const Description &description, const primitive &primitive,
      const Layer &layer, const Parameters &parameters)
  {
    const memory source = converted (current, description.src_desc ());
    const memory packed (description.weights_desc (), cpu),
        result (description.dst_desc (), cpu);

    pack (parameters, packed);
    add_step (primitive,
        { { DNNL_ARG_SRC, source }, { DNNL_ARG_WEIGHTS, packed },
            { DNNL_ARG_BIAS, parameters.bias }, { DNNL_ARG_DST, result } });
    current = result;
    step = output_step (layer);
  }

  void
  pack (const Parameters &parameters, memory to)
  {
    memory from = parameters.weights;
    primitive_attr attributes;
    std::vector<float> scales;

    for (float weight_step : parameters.steps)
      scales.push_back (1 / weight_step);
    if (is_int8 ())
      attributes.set_output_scales (1 << 0, scales);
    reorder ({ cpu, from.get_desc (), cpu, to.get_desc (), attributes })
        .execute (stream, from, to);
    stream.wait ();
  }
};

static std::string
engine_version ()
{
  const version_t *v = dnnl::version ();

  return "oneDNN " + std::to_string (v->major) + "." + std::to_string (v->minor)
         + "." + std::to_string (v->patch);
}

int
main (int argc, char **argv)
try {
  if (argc != 3 || !modes.count (argv[2]))
    throw std::runtime_error (
        "usage: onednn FOLDER direct|winograd|bf16|int8|int8-winograd");
  Network network (modes.at (argv[2]), argv[1]);

  serve (engine_version (), [&] { network.run (); },
      [&] { return network.outputs (); });
  return 0;
} catch (const std::exception &error) {
  std::fprintf (stderr, "onednn: %s\n", error.what ());
  return 1;
}
