# SPDX-License-Identifier: GPL-2.0-only
tests += seam_image
seam_image_srcs := src/core/seam_image.c
