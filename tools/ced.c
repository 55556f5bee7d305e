/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ced.h"

/* Where the curve is in the picture, and up to which error it goes. */
#define WIDTH 640
#define HEIGHT 440
#define LEFT 70
#define TOP 60
#define PLOT_WIDTH 540
#define PLOT_HEIGHT 310
#define MAX_ERROR .1
#define TICKS 10

static gdouble
plot_x (gdouble error)
{
  return LEFT + PLOT_WIDTH * error / MAX_ERROR;
}

static gdouble
plot_y (gdouble fraction)
{
  return TOP + PLOT_HEIGHT * (1 - fraction);
}

static void
append_line (GString * svg, const gchar * style, gdouble x1, gdouble y1,
    gdouble x2, gdouble y2)
{
  g_string_append_printf (svg, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" "
      "x2=\"%.1f\" y2=\"%.1f\"/>\n", style, x1, y1, x2, y2);
}

static void
append_grid (GString * svg)
{
  for (gint i = 0; i <= TICKS; i++) {
    gdouble x = plot_x (MAX_ERROR * i / TICKS);
    gdouble y = plot_y ((gdouble) i / TICKS);

    append_line (svg, "grid", x, plot_y (0), x, plot_y (1));
    append_line (svg, "grid", plot_x (0), y, plot_x (MAX_ERROR), y);
    g_string_append_printf (svg, "<text x=\"%.1f\" y=\"%.1f\" "
        "text-anchor=\"middle\">%g</text>\n", x, plot_y (0) + 20,
        100 * MAX_ERROR * i / TICKS);
    g_string_append_printf (svg, "<text x=\"%.1f\" y=\"%.1f\" "
        "text-anchor=\"end\">%d</text>\n", plot_x (0) - 8, y + 4,
        100 * i / TICKS);
  }
  append_line (svg, "axis", plot_x (0), plot_y (0), plot_x (MAX_ERROR),
      plot_y (0));
  append_line (svg, "axis", plot_x (0), plot_y (0), plot_x (0), plot_y (1));
  append_line (svg, "limit", plot_x (MEASURES_LIMIT), plot_y (0),
      plot_x (MEASURES_LIMIT), plot_y (1));
}

static void
append_labels (GString * svg, const Summary * summary, const gchar * title)
{
  g_autofree gchar *escaped = g_markup_escape_text (title, -1);

  g_string_append_printf (svg, "<text class=\"title\" x=\"%d\" y=\"26\" "
      "text-anchor=\"middle\">%s</text>\n", WIDTH / 2, escaped);
  g_string_append_printf (svg, "<text x=\"%d\" y=\"46\" "
      "text-anchor=\"middle\">%u faces, mean %.2f %%, AUC(%g %%) %.3f, "
      "failures %.2f %%</text>\n", WIDTH / 2, summary->n_faces,
      100 * summary->mean[NORM_INTER_OCULAR], 100 * MEASURES_LIMIT,
      summary->auc, 100 * summary->failures);
  g_string_append_printf (svg, "<text x=\"%d\" y=\"%d\" "
      "text-anchor=\"middle\">Error, %% of the inter-ocular distance</text>\n",
      LEFT + PLOT_WIDTH / 2, TOP + PLOT_HEIGHT + 48);
  g_string_append_printf (svg, "<text transform=\"translate(22 %d) "
      "rotate(-90)\" text-anchor=\"middle\">Faces below it, %%</text>\n",
      TOP + PLOT_HEIGHT / 2);
}

static void
append_curve (GString * svg, const GArray * sorted)
{
  g_string_append_printf (svg, "<path class=\"curve\" d=\"M%.2f %.2f",
      plot_x (0), plot_y (0));
  for (guint i = 0; i < sorted->len; i++) {
    gdouble error = g_array_index (sorted, gdouble, i);

    if (error > MAX_ERROR)
      break;
    g_string_append_printf (svg, "H%.2fV%.2f", plot_x (error),
        plot_y ((i + 1.) / sorted->len));
  }
  g_string_append_printf (svg, "H%.2f\"/>\n", plot_x (MAX_ERROR));
}

gboolean
ced_write (const GArray * faces, const Summary * summary, const gchar * title,
    const gchar * name, GError ** error)
{
  g_autoptr (GArray) sorted = measure_sorted (faces, NORM_INTER_OCULAR);
  g_autoptr (GString) svg = g_string_new (NULL);

  g_string_append_printf (svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" "
      "width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n"
      "<style>\n"
      "text { font: 13px sans-serif; fill: #222 }\n"
      ".title { font-size: 16px; font-weight: bold }\n"
      ".grid { stroke: #ddd }\n"
      ".axis { stroke: #222; stroke-width: 1.5 }\n"
      ".limit { stroke: #b22; stroke-dasharray: 5 4 }\n"
      ".curve { stroke: #1660b0; stroke-width: 2.5; fill: none }\n"
      "</style>\n"
      "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
      WIDTH, HEIGHT, WIDTH, HEIGHT);
  append_grid (svg);
  append_labels (svg, summary, title);
  append_curve (svg, sorted);
  g_string_append (svg, "</svg>\n");
  return g_file_set_contents (name, svg->str, svg->len, error);
}
