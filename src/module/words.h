/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Module parameters that accept one of a few words.  With any other word the module does
 * not load, and the log lists the valid ones.
 */
#ifndef TDX_MODULE_WORDS_H
#define TDX_MODULE_WORDS_H

#include <linux/moduleparam.h>

struct tdx_words {
	const char * const *words;	/* NULL ends them */
	unsigned int value;		/* index of the word that was chosen, or the default */
};

extern const struct kernel_param_ops tdx_words_ops;

#define tdx_words_param(name, words)					\
	__MODULE_PARM_TYPE(name, "charp");				\
	module_param_cb(name, &tdx_words_ops, &(words), 0444)

#endif
